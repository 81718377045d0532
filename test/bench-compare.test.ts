import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changesOf } from '../bench/compare/change.js';
import type { Comparison } from '../bench/comparison.js';
import type { Run } from '../bench/results.js';
import { BENCH_MACHINE, benchComparison, benchResults, benchRun } from './support/bench-results.js';
import { packageRoot, type RunResult, run, runOrThrow } from './support/run.js';

const PROGRAM = join(packageRoot, 'out/bench/compare/main.js');
const LEAST = 0.05;

const verdictOf = (before: Comparison, after: Comparison) =>
  changesOf(before, after, LEAST).map(({ variant, verdict }) => [variant, verdict]);

describe('changesOf', () => {
  it('tells a change beyond the noise, and which way it goes', () => {
    expect(verdictOf(benchComparison(2), benchComparison(2.4, 11, 2))).toEqual([
      ['exit', 'better'],
    ]);
    expect(verdictOf(benchComparison(2.4), benchComparison(2, 11, 2))).toEqual([['exit', 'worse']]);
  });

  it('tells nothing of noise, nor of a machine that is three times as slow', () => {
    expect(verdictOf(benchComparison(2), benchComparison(2, 11, 2))).toEqual([
      ['exit', 'unchanged'],
    ]);
    expect(verdictOf(benchComparison(2), benchComparison(2, 11, 2, 3))).toEqual([
      ['exit', 'unchanged'],
    ]);
  });

  it('tells nothing of a change that is certain and small', () => {
    const [before, after] = [benchComparison(2, 31), benchComparison(2.06, 31, 2)];
    expect(verdictOf(before, after)).toEqual([['exit', 'unchanged']]);
    expect(changesOf(before, after, 0.01)).toMatchObject([{ verdict: 'better' }]);
  });

  it('tells nothing of a large change that rounds at odds with each other do not bear out', () => {
    const rounds = (exit: number[]) => ({
      ...benchComparison(1),
      rounds: { plain: exit.map(() => 1), exit },
    });
    const before = rounds([1, 9, 1, 9, 1, 9, 1]);
    expect(verdictOf(before, rounds([9, 1, 9, 1, 9, 1, 9]))).toEqual([['exit', 'unchanged']]);
  });

  it('says when rounds are too few to tell', () => {
    expect(verdictOf(benchComparison(2, 3), benchComparison(9, 3))).toEqual([
      ['exit', 'too few rounds'],
    ]);
    expect(verdictOf(benchComparison(2, 5), benchComparison(9, 5))).toEqual([['exit', 'better']]);
  });

  it('takes the figures themselves where a row has no other variant', () => {
    const alone = (one: Comparison): Comparison => ({
      ...one,
      ours: [],
      rounds: { plain: one.rounds.plain ?? [] },
    });
    const changes = changesOf(
      alone(benchComparison(1)),
      alone(benchComparison(1, 11, 2, 4)),
      LEAST,
    );
    expect(changes).toMatchObject([{ absolute: true, verdict: 'worse' }]);
  });
});

describe('npm run bench:compare', () => {
  let folder: string;

  const compare = (...args: string[]): RunResult => run(process.execPath, [PROGRAM, ...args]);
  const compareWith = (env: NodeJS.ProcessEnv, ...args: string[]): RunResult =>
    run(process.execPath, [PROGRAM, ...args], { env });

  function write(name: string, ...runs: Partial<Run>[]): string {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(benchResults(...runs.map(benchRun))));
    return file;
  }

  beforeAll(() => {
    runOrThrow(process.execPath, ['scripts/setup.mjs', '--only=out']);
    folder = mkdtempSync(join(tmpdir(), 'arena-pirate-compare-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('prints a regression and fails for it only where asked', () => {
    const before = write('fast.json', { comparisons: [benchComparison(3)] });
    const after = write('slow.json', { comparisons: [benchComparison(2, 11, 2)] });
    const { status, stdout } = compare(before, after);
    expect(status).toBe(0);
    expect(stdout).toMatch(/worse +−3\d\.\d% +exit .*work: 8 KB/);
    expect(stdout).toContain('0 better, 1 worse, 0 unchanged');
    expect(compare(before, after, '--fail-on-regression').status).toBe(1);
    expect(compare(after, before, '--fail-on-regression').status).toBe(0);
  });

  it('colours a pipe only where FORCE_COLOR asks for it, also in CI', () => {
    const before = write('coloured-before.json', { comparisons: [benchComparison(3)] });
    const after = write('coloured-after.json', { comparisons: [benchComparison(2, 11, 2)] });
    const plain = { CI: undefined, FORCE_COLOR: undefined, NO_COLOR: undefined };
    const red = '\u001b[31mworse';
    expect(compareWith(plain, before, after).stdout).toContain('worse');
    expect(compareWith(plain, before, after).stdout).not.toContain('\u001b');
    expect(compareWith({ ...plain, CI: 'true' }, before, after).stdout).not.toContain('\u001b');
    expect(compareWith({ ...plain, FORCE_COLOR: '1' }, before, after).stdout).toContain(red);
  });

  it('lists the largest change first', () => {
    const rows = (...speeds: number[]): Comparison[] =>
      speeds.map((speed, i) => ({ ...benchComparison(speed, 11, i + 1), name: `row ${i}` }));
    const before = write('before.json', { comparisons: rows(2, 2, 2) });
    const after = write('after.json', { comparisons: rows(2.4, 0.5, 4) });
    const { stdout } = compare(before, after);
    expect(stdout.match(/row \d/g)).toEqual(['row 1', 'row 2', 'row 0']);
  });

  it('notes another machine, profile and library', () => {
    const other = {
      ...BENCH_MACHINE,
      cpu: 'Another',
      packages: { pako: '4.0.0' },
      load: [9, 9, 9],
    };
    const { stdout } = compare(
      write('here.json', { comparisons: [benchComparison(2)] }),
      write('there.json', { machine: other, profile: 'quick', comparisons: [benchComparison(2)] }),
    );
    expect(stdout).toContain('another processor: A cpu, then Another');
    expect(stdout).toContain('another profile: standard, then quick');
    expect(stdout).toContain('another pako: 3.0.3, then 4.0.0');
    expect(stdout).toContain('busy in the second run');
  });

  it('calls no machine busy whose load is of what has ended before the run', () => {
    const machine = (cpusInUse: number) => ({ ...BENCH_MACHINE, load: [9, 9, 9], cpusInUse });
    const { stdout } = compare(
      write('idle.json', { machine: machine(0.1), comparisons: [benchComparison(2)] }),
      write('shared.json', { machine: machine(1.9), comparisons: [benchComparison(2)] }),
    );
    expect(stdout).not.toContain('busy in the first run');
    expect(stdout).toContain('busy in the second run');
  });

  it('compares each version of Node with itself, and counts what only one run has', () => {
    const on = (node: string, speed: number, name: string): Partial<Run> => ({
      machine: { ...BENCH_MACHINE, node },
      comparisons: [benchComparison(speed), { ...benchComparison(1), name }],
    });
    const before = write('two.json', on('v20.1.0', 2, 'old'), on('v22.1.0', 4, 'old'));
    const after = write('three.json', on('v22.9.0', 4, 'new'), on('v20.1.0', 2, 'old'));
    const { stdout } = compare(before, after);
    expect(stdout).toContain('Node v22.9.0\nNote: another Node: v22.1.0, then v22.9.0');
    expect(stdout.match(/0 better, 0 worse/g)).toHaveLength(2);
    expect(stdout.match(/1 row is in the first run only/g)).toHaveLength(1);
    expect(stdout.match(/1 row is in the second run only/g)).toHaveLength(1);
  });

  it('does not compare work that gives other answers now', () => {
    const answering = (sha256: string) => ({ comparisons: [{ ...benchComparison(2), sha256 }] });
    const { stdout } = compare(write('a.json', answering('a')), write('b.json', answering('b')));
    expect(stdout).toContain('1 row is of other work or with another answer now: 8 KB');
  });

  it.each([
    ['a file that is not there', () => '/no/such.json', /cannot be read.*ENOENT/],
    ['a file that is no JSON', () => join(packageRoot, 'README.md'), /it is no JSON/],
    ['another kind of JSON', () => join(packageRoot, 'package.json'), /format is undefined, not 1/],
    ['no runs', () => write('none.json'), /it holds no runs/],
    [
      'a comparison without its baseline',
      () => write('half.json', { comparisons: [{ ...benchComparison(1), baseline: 'gone' }] }),
      /its run 1 of 1 is not whole/,
    ],
    [
      'no version of Node in common',
      () =>
        write(
          '24.json',
          ...['v24.0.0', 'v26.0.0'].map((node) => ({ machine: { ...BENCH_MACHINE, node } })),
        ),
      /same version of Node but received 20 and 24, 26/,
    ],
  ])('exits with 2 and says why for %s', (_name, file, message) => {
    const { status, stdout, stderr } = compare(write('good.json', {}), file());
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });

  it.each([
    ['a missing file', ['a.json'], /missing required argument 'after'/],
    ['a percentage below 0', ['a', 'b', '--least', '-1'], /percentage of 0 or more/],
  ])('exits with 2 for %s', (_name, args, message) => {
    const { status, stderr } = compare(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
