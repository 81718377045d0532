// Makes a fresh clone runnable, and a used one current: dependencies, native part, compiled
// TypeScript. Each step runs only when its inputs changed, so that `npm test`, `npm run demo` and
// `npm run bench` can start with it.
//
//   node scripts/setup.mjs [--force] [--only=dependencies|native|dist|out]

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const { values: options } = parseArgs({
  options: { force: { type: 'boolean', default: false }, only: { type: 'string' } },
});

const mtime = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function readLock(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

// npm keeps what it installed in node_modules/.package-lock.json, and with --package-lock-only what it
// would. Contents are compared, not times, because `npm install` and git write the two files in any
// order. Optional packages may be those of other platforms.
function dependenciesAreStale() {
  const installed = readLock('node_modules/.package-lock.json');
  return Object.entries(readLock('package-lock.json')).some(
    ([path, { version, optional }]) =>
      path !== '' && !optional && (installed[path]?.version !== version || !existsSync(path)),
  );
}

// A sanitizer build does not load into plain node, so it never counts as current.
function isSanitizerBuild() {
  const config = 'build/config.gypi';
  return existsSync(config) && /"sanitize": "\w/.test(readFileSync(config, 'utf8'));
}

function nativeIsStale() {
  const built = mtime('build/Release/arena_pirate.node');
  return (
    ['binding.gyp', ...filesIn('native')].some((file) => mtime(file) > built) || isSanitizerBuild()
  );
}

function compiledPath(source, rootDir, outDir) {
  return join(outDir, relative(rootDir, source)).replace(/\.([mc]?)ts$/, '.$1js');
}

function outputIsStale({ config, sourceDirs, sources = [], rootDir, outDir }) {
  const configured = Math.max(mtime('tsconfig.base.json'), mtime(config));
  return [...sourceDirs.flatMap(filesIn), ...sources]
    .filter((file) => /(?<!\.d)\.[mc]?ts$/.test(file))
    .some((file) => Math.max(mtime(file), configured) > mtime(compiledPath(file, rootDir, outDir)));
}

function run(command, args, stdio = 'inherit') {
  const { status, error } = spawnSync(command, args, { stdio });
  if (error) console.error(`setup: ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function compile({ config, outDir }) {
  const compiler = 'node_modules/typescript/bin/tsc';
  if (!existsSync(compiler)) {
    console.error('setup: typescript is not installed; run `npm ci --include=dev` first');
    process.exit(1);
  }
  // Forced builds start empty: outputs of deleted sources must not reach a package.
  if (options.force) rmSync(outDir, { recursive: true, force: true });
  run(process.execPath, [compiler, '-p', config]);
}

const library = { config: 'tsconfig.json', sourceDirs: ['lib'], rootDir: 'lib', outDir: 'dist' };
const tools = {
  config: 'tsconfig.tools.json',
  sourceDirs: ['examples', 'bench', 'conformance', 'fuzz', 'soak', 'test/libraries'],
  // What those import of the other tests.
  sources: ['test/support/outcome.ts'],
  rootDir: '.',
  outDir: 'out',
};

const steps = [
  {
    name: 'dependencies',
    title: 'installing dependencies (npm ci)',
    // No dependency needs its install scripts, and the native part has a step of its own.
    run: () =>
      run(
        'npm',
        ['ci', '--include=dev', '--ignore-scripts', '--loglevel=error'],
        ['ignore', 'ignore', 'inherit'],
      ),
    isStale: dependenciesAreStale,
  },
  {
    name: 'native',
    title: 'compiling native/',
    run: () => run(process.execPath, ['scripts/build-native.cjs', '--quiet']),
    isStale: nativeIsStale,
    forcible: true,
  },
  {
    name: 'dist',
    title: 'compiling lib/ to dist/',
    run: () => compile(library),
    isStale: () => outputIsStale(library),
    forcible: true,
  },
  {
    name: 'out',
    title: 'compiling examples/, bench/, conformance/, fuzz/, soak/ and test/libraries/ to out/',
    run: () => compile(tools),
    isStale: () => outputIsStale(tools),
    forcible: true,
  },
];

const chosen = steps.filter((step) => options.only === undefined || options.only === step.name);
if (chosen.length === 0) {
  console.error(
    `setup: expected one of ${steps.map((step) => step.name).join(', ')} for --only but received '${options.only}'`,
  );
  process.exit(2);
}

for (const step of chosen) {
  if (!(step.forcible && options.force) && !step.isStale()) continue;
  console.error(`setup: ${step.title}`);
  step.run();
}
