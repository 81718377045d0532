// `npm run test:nodes`: the whole test suite on every version of Node that the package supports,
// against one and the same native build. Versions other than the running one come from npm.
//
//   npm run test:nodes -- [--only 20,24] [--others] [--reports FOLDER] [-- vitest arguments]

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  CACHE,
  EXIT_USAGE,
  executableOf,
  hasOthers,
  MAJORS,
  parseMajors,
  platform,
  running,
} from './nodes.mjs';
import { countTests } from './test-counts.mjs';

const caller = process.cwd();
const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const BINARY = 'build/Release/arena_pirate.node';

function usageError(message) {
  console.error(`test:nodes: ${message}`);
  process.exit(EXIT_USAGE);
}

function readCommandLine() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        others: { type: 'boolean', default: false },
        reports: { type: 'string' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return usageError(error.message);
  }
}

const { values: options, positionals: vitestArgs } = readCommandLine();
const reports = options.reports ? resolve(caller, options.reports) : join(CACHE, 'reports');

function chosenMajors() {
  const only =
    options.only === undefined ? MAJORS : parseMajors(options.only, '--only', usageError);
  return only.filter((major) => !(options.others && major === running));
}

function nativeBuild() {
  return createHash('sha256').update(readFileSync(BINARY)).digest('hex').slice(0, 16);
}

function runSuite(major) {
  const start = performance.now();
  const executable = executableOf(major);
  if (executable === undefined) {
    return { version: major, problem: 'could not be installed', passed: 0, failed: 0, skipped: 0 };
  }
  const version = spawnSync(executable, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`\ntest:nodes: Node ${version}\n`);
  const report = join(reports, `node-${major}.json`);
  const { status, signal } = spawnSync(
    executable,
    [
      ...['node_modules/vitest/vitest.mjs', 'run', '--reporter=default'],
      ...['--reporter=./scripts/json-reporter.mjs', `--outputFile.json=${report}`, ...vitestArgs],
    ],
    {
      stdio: 'inherit',
      // Programs that tests find by name, npm above all, run on this version too.
      env: { ...process.env, PATH: `${dirname(executable)}${delimiter}${process.env.PATH}` },
    },
  );
  const seconds = (performance.now() - start) / 1000;
  const problem = status === 0 ? '' : `ended with ${signal ?? status}`;
  return { version, problem, seconds, build: nativeBuild(), ...countTests(report) };
}

function table(rows) {
  const width = (i) => Math.max(...rows.map((row) => row[i].length));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(width(i)) : cell.padStart(width(i)))))
    .map((row) => row.join('  '))
    .join('\n');
}

function main() {
  let majors = chosenMajors();
  if (!hasOthers) {
    console.log(`test:nodes: npm has no Node for ${platform}: only the running version is tested`);
    majors = majors.filter((major) => major === running);
  }
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });

  const built = nativeBuild();
  const results = majors.map((major) => {
    const result = runSuite(major);
    // A suite that compiles anew would leave the versions after it with another binary.
    if (result.build !== undefined && result.build !== built)
      result.problem ||= 'native build changed';
    return result;
  });

  const cells = results.map(({ version, passed, failed, skipped, seconds, build, problem }) => [
    ...[version, passed, failed, skipped, seconds?.toFixed(0) ?? '', build ?? '', problem].map(
      String,
    ),
  ]);
  const heading = ['Node', 'passed', 'failed', 'skipped', 'seconds', 'native build', ''];
  console.log(`\n${table([heading, ...cells])}`);
  console.log(`Reports: ${reports}`);
  process.exitCode = results.every(({ problem }) => problem === '') ? 0 : 1;
}

main();
