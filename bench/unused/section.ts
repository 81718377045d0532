import { advantages, type Comparison, percentMore, percentOver } from '../comparison.js';
import { PANEL } from '../libraries/panel.js';
import { REGISTER, startLibrary } from '../libraries/process.js';
import { secondLook } from '../second-look.js';
import { type Section, type SectionResult, type Target, target, verdictOn } from '../section.js';
import { AskedProcess } from '../support/asked-process.js';
import { geometricMeanSpread } from '../support/geometric-mean.js';
import { comparePasses, type PassProcess, type PassSizes } from '../support/pass-sets.js';
import { Schedule } from '../support/schedule.js';
import { SIZES } from './sizes.js';

const SERVER = require.resolve('./server.js');

const AGAIN = 'without again';

/** What each process is started with. */
const VARIANTS = {
  without: [],
  // What differs between processes that do not differ.
  [AGAIN]: [],
  loaded: REGISTER,
  'scopes elsewhere': [...REGISTER, '--require', require.resolve('./elsewhere.js')],
} as const;
const OURS = ['loaded', 'scopes elsewhere'] as const;
/** The floor of scopes elsewhere, where they matter: what tracks asynchronous scopes, and nothing else. */
const FLOOR = {
  'tracking elsewhere': ['--require', require.resolve('./tracking.js')],
} as const;
const FLOOR_NAME = 'tracking elsewhere' satisfies keyof typeof FLOOR;

const LIBRARIES = 'Unmodified libraries outside all scopes: processes with and without the package';
const MOST_PANEL_PERCENT = 1;
const MOST_SERVER_PERCENT = 2;

export const unused: Section = {
  name: 'unused',
  about: 'libraries and a server of many promises where the package is loaded and not used',

  steps({ profile }) {
    const { libraries, sets, server } = SIZES[profile];
    return libraries.length * sets + server.sets;
  },

  async run({ profile }, step): Promise<SectionResult> {
    const {
      libraries,
      jobs,
      server: serverSizes,
      millisecondsInAll,
      ...passSizes
    } = SIZES[profile];
    const schedule = new Schedule(millisecondsInAll);
    const compare = async (
      group: string,
      name: string,
      variants: Readonly<Record<string, readonly string[]>>,
      start: (nodeOptions: readonly string[]) => PassProcess,
      sizes: PassSizes = passSizes,
      onSet = () => step(name),
    ): Promise<Comparison> => {
      const processes = Object.fromEntries(
        Object.entries(variants).map(([variant, options]) => [variant, () => start(options)]),
      );
      const measured = await comparePasses(name, processes, sizes, onSet);
      return comparisonOf(group, name, measured);
    };

    const panel: Comparison[] = [];
    for (const { library } of PANEL.filter((pipeline) => libraries.includes(pipeline.library))) {
      const task = { library, variant: 'plain', jobs: jobs[library] } as const;
      panel.push(
        await compare(LIBRARIES, library, VARIANTS, (options) => startLibrary(task, options)),
      );
    }
    const compareServers = (onSet?: () => void) =>
      compare(
        'A server of many promises outside all scopes: processes with and without the package',
        `node:http, ${serverSizes.requests} requests of 200 awaits, 4 connections`,
        { ...VARIANTS, ...FLOOR },
        (nodeOptions) =>
          new AskedProcess(SERVER, [`${serverSizes.requests}`], 'a server', { nodeOptions }),
        serverSizes,
        onSet,
      );
    const start = performance.now();
    const first = await compareServers();
    const looksAgain = fallsShort(first) && schedule.hasLeft(performance.now() - start);
    const server = looksAgain ? secondLook(first, await compareServers(() => {})) : first;
    return {
      comparisons: [...panel, server],
      targets: OURS.flatMap((variant) => targetsOf(panel, server, variant)),
    };
  },
};

function comparisonOf(
  group: string,
  name: string,
  { rounds, sha256 }: Pick<Comparison, 'rounds'> & { sha256: string },
): Comparison {
  return {
    section: unused.name,
    group,
    name,
    unit: 'ns',
    better: 'less',
    baseline: 'without',
    ours: OURS,
    control: AGAIN,
    rounds,
    sha256,
    remark: `'${AGAIN}' differs from 'without' by noise only`,
  };
}

function targetsOf(
  panel: readonly Comparison[],
  server: Comparison,
  variant: (typeof OURS)[number],
): Target[] {
  const meanOf = (name: string) =>
    percentOver(geometricMeanSpread(panel.map((comparison) => advantages(comparison, name))));
  return [
    target(
      `unmodified libraries, ${variant}: cost of the package, geometric mean`,
      meanOf(variant),
      'at most',
      MOST_PANEL_PERCENT,
      '%',
      { control: meanOf(AGAIN).median },
    ),
    serverTarget(server, variant),
  ];
}

function serverTarget(server: Comparison, variant: (typeof OURS)[number]): Target {
  return target(
    `a server of many promises, ${variant}: cost of the package`,
    percentMore(server, variant),
    'at most',
    MOST_SERVER_PERCENT,
    '%',
    {
      floor: variant === 'loaded' ? undefined : percentMore(server, FLOOR_NAME).median,
      control: percentMore(server, AGAIN).median,
    },
  );
}

/** Whether the package costs more than it may, where the floor does not. */
function fallsShort(server: Comparison): boolean {
  return OURS.map((variant) => verdictOn(serverTarget(server, variant))).some(
    (verdict) => verdict !== 'met' && verdict !== 'out of reach',
  );
}
