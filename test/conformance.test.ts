// The runner of test262's tests, on a checkout of our own making. `npm run conformance` takes a real one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, type RunResult, run } from './support/run.js';
import { TESTS, writeSmallTest262 } from './support/small-test262.js';

const PROGRAM = join(packageRoot, 'out/conformance/main.js');
// Processes that start while the machine is busy.
const TIMEOUT = 120_000;
const FAILING_IN_PLAIN_NODE = ['async-fails', 'negative-fails'];

let folder: string;

function conformance(path: string, deviations: string, env: NodeJS.ProcessEnv = {}): RunResult {
  const file = join(folder, 'deviations.md');
  writeFileSync(file, deviations);
  const args = [path, '--folder', 'TypedArray', '--deviations', file];
  return run(process.execPath, [PROGRAM, ...args, '--json', join(folder, 'failures.json')], {
    env,
  });
}

function failures(): Record<string, Record<string, string>> {
  const all = JSON.parse(readFileSync(join(folder, 'failures.json'), 'utf8'));
  return Object.fromEntries(
    Object.entries(all as Record<string, Record<string, string>>).map(([path, each]) => [
      path.slice(TESTS.length + 1, -'.js'.length),
      each,
    ]),
  );
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arena-pirate-conformance-'));
  writeSmallTest262(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm run conformance', () => {
  it('runs every kind of test, and accepts the failures that are listed', {
    timeout: TIMEOUT,
  }, () => {
    const listed = `| test | reason |\n| --- | --- |\n| \`${TESTS}/detaches.js\` | it detaches |\n`;
    const { status, stdout } = conformance(folder, listed);
    expect(stdout).toContain('| TypedArray | 16 | 14 | 0 | 1 | 1 |');
    expect(stdout).toContain('1 failures in scopes are known');
    expect(status).toBe(0);
    const found = failures();
    expect(Object.keys(found).sort()).toEqual([...FAILING_IN_PLAIN_NODE, 'detaches'].sort());
    for (const name of FAILING_IN_PLAIN_NODE)
      expect(Object.keys(found[name] ?? {})).toEqual(['plain']);
    expect(found['async-fails']?.plain).toContain('later');
    expect(found['negative-fails']?.plain).toContain('Expected RangeError (runtime)');
  });

  it('fails for what is not listed, in scopes and outside', { timeout: TIMEOUT }, () => {
    const { status, stdout } = conformance(folder, '', {
      NODE_OPTIONS: `--require ${join(packageRoot, 'test/support/broken-at.cjs')}`,
    });
    expect(stdout).toContain('| TypedArray | 16 | 14 | 1 | 2 | 2 |');
    expect(stdout).toMatch(/1 new failures outside:\n.*looks\.js/);
    expect(stdout).toMatch(/2 new failures in scopes, not known:\n.*detaches\.js/);
    expect(status).toBe(1);
    expect(failures().looks).toMatchObject({ outside: expect.stringContaining('but received') });
  });

  it('says what it wants instead of a folder that is no checkout', () => {
    const { status, stderr } = conformance(tmpdir(), '');
    expect(stderr).toContain('Expected a checkout of tc39/test262 but found no harness/assert.js');
    expect(status).toBe(1);
  });
});
