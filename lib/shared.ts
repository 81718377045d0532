import path from 'node:path';
import { ArenaError } from './errors.js';

type Api = typeof import('./api.js');

/** What the first copy of the package leaves for the others of its thread. */
interface Installed {
  readonly version: string;
  readonly root: string;
  readonly api: Api;
}

const KEY = Symbol.for('arena-pirate.installed');
const holder = process as unknown as { [KEY]?: Installed };

const root = path.dirname(__dirname);
const { version } = require('../package.json') as { version: string };

// Constructors can be replaced only once: another copy in the tree uses the
// first one's, if they mean the same by the same names.
function installedElsewhere(): Api | undefined {
  const first = holder[KEY];
  if (first === undefined) return undefined;
  if (compatible(first.version, version)) return first.api;
  throw new ArenaError(
    'ERR_ARENA_DUPLICATE',
    `arena-pirate ${version} in ${root} cannot be used: version ${first.version} in ` +
      `${first.root} has been loaded in this thread. Make your package manager install one ` +
      'version only (npm dedupe, overrides)',
  );
}

// As in semantic versioning: 0.x promises nothing between minor versions.
function compatible(a: string, b: string): boolean {
  const [majorA, minorA] = a.split('.');
  const [majorB, minorB] = b.split('.');
  return majorA === majorB && (majorA !== '0' || minorA === minorB);
}

function load(): Api {
  const api: Api = require('./api.js');
  Object.defineProperty(process, KEY, { value: { version, root, api } satisfies Installed });
  return api;
}

/** The package's functions, one set per thread however often the package is installed. */
export const shared: Api = installedElsewhere() ?? load();
