// `npm run test:sanitizers`: the native part under AddressSanitizer, UndefinedBehaviorSanitizer and
// ThreadSanitizer. First its own tests (test/native/), then the test suite with an addon compiled so,
// in a copy of the package, for a plain Node that has the sanitizer's library preloaded.
//
//   npm run test:sanitizers -- [--only native,address,thread] [-- vitest arguments]

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const EXIT_USAGE = 2;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const compiler = process.env.CXX || (process.platform === 'darwin' ? 'c++' : 'g++');
const scratch = mkdtempSync(join(tmpdir(), 'arena-pirate-sanitizers-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** Runs a command to its end; its exit status, with 1 for a signal. */
function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) console.error(`test:sanitizers: ${command}: ${error.message}`);
  return status ?? 1;
}

function sourcesIn(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(folder, name));
}

// What speaks to JavaScript itself is tested from there.
const isFreeOfJavaScript = (file) => !readFileSync(file, 'utf8').includes('<napi.h>');

/** Compiles the native tests with a sanitizer and runs them. */
function runNativeTests(sanitize) {
  const { include_dir: headers } = createRequire(import.meta.url)('node-api-headers');
  const program = join(scratch, `native-tests-${sanitize}`);
  const compiled = run(compiler, [
    ...['-std=gnu++17', '-O1', '-g', '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra'],
    ...['-fno-omit-frame-pointer', '-pthread', '-DNAPI_VERSION=9'],
    ...[`-fsanitize=${sanitize}`, '-fno-sanitize-recover=all', '-Inative', `-I${headers}`],
    ...[...sourcesIn('native').filter(isFreeOfJavaScript), ...sourcesIn('test/native')],
    ...['-o', program],
  ]);
  return compiled === 0 && run(program, []) === 0;
}

/** A copy of the package whose addon is compiled with a sanitizer. */
function copyOfPackage(sanitize) {
  const folder = join(scratch, `package-${sanitize}`);
  const left = new Set(['node_modules', 'build', '.git']);
  cpSync(root, folder, {
    recursive: true,
    filter: (source) => !left.has(relative(root, source)),
  });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const status = run(
    process.execPath,
    ['scripts/build-native.cjs', '--quiet', `--sanitize=${sanitize}`],
    { cwd: folder },
  );
  if (status !== 0) throw new Error(`the addon cannot be compiled with ${sanitize}`);
  return folder;
}

function runtimeLibrary(name) {
  const { stdout } = spawnSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' });
  return stdout.trim();
}

/**
 * Runs tests of the suite with a sanitizer's library preloaded, in all processes that they start.
 * What it reports goes to files, because many a test expects a child process to fail.
 */
function runSuite({ sanitize, library, variable, options, vitestArgs, concernsUs }) {
  const folder = copyOfPackage(sanitize);
  // Options of sanitizers are separated by commas, too.
  const logs = join(scratch, `${library}-logs`);
  mkdirSync(logs);
  const settings = [...options, `log_path=${join(logs, 'report')}`].join(':');
  const status = run(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout=120000', ...vitestArgs],
    {
      cwd: folder,
      env: {
        ...process.env,
        LD_PRELOAD: runtimeLibrary(library),
        [variable]: settings,
        UBSAN_OPTIONS: `print_stacktrace=1:log_path=${join(logs, 'report')}`,
      },
    },
  );
  const findings = readdirSync(logs)
    .flatMap((name) => readFileSync(join(logs, name), 'utf8').split(/^={18}$/m))
    .filter(concernsUs);
  for (const finding of findings) console.log(finding);
  console.log(`test:sanitizers: ${sanitize}: ${findings.length} findings`);
  return status === 0 && findings.length === 0;
}

// They compile or install an addon of their own, without a sanitizer.
const OTHER_ADDONS = ['--exclude=test/package*.test.ts', '--exclude=test/cli.test.ts'];

// They start ASan without its variables, or where it is refused the memory that it keeps its books in.
const REFUSED_TO_ASAN = [
  'that refuses large mappings everything works',
  'that refuses all of these everything works',
  'with no home, no temporary folder and no variables of the environment',
  'in a sandbox that refuses to place threads or even to tell where',
];

const parts = {
  native: () => ['address,undefined', 'thread'].map(runNativeTests).every(Boolean),
  address: (vitestArgs) =>
    runSuite({
      sanitize: 'address,undefined',
      library: 'libasan.so',
      variable: 'ASAN_OPTIONS',
      // Node does not free what it holds when it exits; tests ask for more memory than there is; and
      // tests of resident memory leave room for 16 MiB of quarantine, not for the usual 256.
      options: ['detect_leaks=0', 'allocator_may_return_null=1', 'quarantine_size_mb=16'],
      vitestArgs: [
        ...OTHER_ADDONS,
        `--testNamePattern=^(?!.*(${REFUSED_TO_ASAN.join('|')}))`,
        '--hookTimeout=300000',
        ...vitestArgs,
      ],
      concernsUs: (report) => /ERROR: |runtime error: /.test(report),
    }),
  // Threads are what the tests of workers have. Node itself is not compiled for this sanitizer, which
  // therefore does not see how Node's threads wait for each other and reports races in Node.
  thread: (vitestArgs) =>
    runSuite({
      sanitize: 'thread',
      library: 'libtsan.so',
      variable: 'TSAN_OPTIONS',
      options: ['exitcode=0'],
      vitestArgs:
        vitestArgs.length > 0 ? vitestArgs : ['test/workers.test.ts', 'test/stats.test.ts'],
      concernsUs: (report) => report.includes('arena_pirate.node'),
    }),
};

function readCommandLine() {
  try {
    const { values, positionals } = parseArgs({
      options: { only: { type: 'string' } },
      allowPositionals: true,
    });
    const chosen = values.only?.split(',') ?? Object.keys(parts);
    const unknown = chosen.find((name) => !(name in parts));
    if (unknown === undefined) return { chosen, vitestArgs: positionals };
    throw new Error(`expected some of ${Object.keys(parts)} for --only but received '${unknown}'`);
  } catch (error) {
    console.error(`test:sanitizers: ${error.message}`);
    return process.exit(EXIT_USAGE);
  }
}

const { chosen, vitestArgs } = readCommandLine();
const outcomes = [];
for (const name of chosen) {
  if (name !== 'native' && process.platform !== 'linux') {
    outcomes.push([name, `skipped: needs LD_PRELOAD as on Linux, and this is ${process.platform}`]);
    continue;
  }
  console.log(`test:sanitizers: ${name}`);
  const passed = parts[name](vitestArgs);
  outcomes.push([name, passed ? 'passed' : 'FAILED']);
  if (!passed) process.exitCode = 1;
}
console.log(`\n${outcomes.map(([name, outcome]) => `${name.padEnd(8)}  ${outcome}`).join('\n')}`);
