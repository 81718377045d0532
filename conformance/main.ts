// npm run conformance -- PATH: test262's tests of what arena-pirate replaces, in plain Node, with the
// package loaded, and in scopes.
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import { readDeviations } from './deviations.js';
import { describe, judge, tableOf } from './report.js';
import { FOLDERS, type Result, Suite, testsOf } from './suite.js';

const DEVIATIONS = join(__dirname, '../../docs/conformance.md');

interface Options {
  readonly folder?: readonly string[];
  readonly deviations: string;
  readonly json?: string;
}

function checkout(path: string): string {
  const root = resolve(path);
  const missing = ['harness/assert.js', 'test/built-ins'].find((p) => !existsSync(join(root, p)));
  if (missing === undefined) return root;
  throw new InvalidArgumentError(`Expected a checkout of tc39/test262 but found no ${missing}.`);
}

async function runSuite(root: string, folders: readonly string[]): Promise<Result[]> {
  const results: Result[] = [];
  const total = folders.reduce((sum, folder) => sum + testsOf(root, folder).length, 0);
  const bar = new SingleBar({ format: '{bar} {value}/{total} tests, {eta_formatted} left' });
  if (process.stderr.isTTY) bar.start(total, 0);
  await new Suite(root).run(folders, (result) => {
    results.push(result);
    bar.update(results.length);
  });
  bar.stop();
  return results.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function main(root: string, { folder = FOLDERS, deviations, json }: Options): Promise<void> {
  const start = performance.now();
  const results = await runSuite(root, folder);
  const verdict = judge(results, readDeviations(deviations));
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`Node ${process.versions.node}, ${seconds} s\n\n${tableOf(results, folder)}\n`);
  console.log(`${verdict.known.length} failures in scopes are known: ${deviations}`);
  for (const path of verdict.passing) console.log(`known to fail, and passes: ${path}`);
  const bad = { outside: verdict.outside, 'in scopes, not known': verdict.unexpected };
  for (const [title, list] of Object.entries(bad)) {
    if (list.length === 0) continue;
    console.log(`\n${list.length} new failures ${title}:\n${list.map(describe).join('\n')}`);
    process.exitCode = 1;
  }
  if (json !== undefined) {
    const failing = results.filter(({ failures }) => failures.size > 0);
    const plainObjects = failing.map(({ path, failures }) => [path, Object.fromEntries(failures)]);
    writeFileSync(json, `${JSON.stringify(Object.fromEntries(plainObjects), undefined, 2)}\n`);
  }
}

new Command('npm run conformance --')
  .description('Runs the tests of typed arrays and ArrayBuffers of a checkout of tc39/test262.')
  .argument('<path>', 'the checkout', checkout)
  .option('--folder <name...>', `folders of test/built-ins (default: ${FOLDERS.join(', ')})`)
  .option('--deviations <file>', 'where the failures that are known are listed', DEVIATIONS)
  .option('--json <file>', 'also write every failure with its message to this file')
  .action(main)
  .parseAsync();
