import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Change, changesOf } from '../bench/compare/change.js';
import { regressionsOf, sidesOf } from '../bench/compare/controls.js';
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

describe('regressionsOf', () => {
  const control = (factor: number, section = 'loud') =>
    changed({ ...benchComparison(2), section }, factor, false);
  const changed = (comparison: Comparison, factor: number, ours = true): Change => {
    const [change] = changesOf(comparison, comparison, LEAST);
    const verdict = factor < 0.95 ? 'worse' : 'unchanged';
    return { ...(change as Change), ours, factor, verdict };
  };
  // 21 of them: 95 % changed by 2 ** 0.95 at most.
  const loud = Array.from({ length: 21 }, (_, i) =>
    control(2 ** ((i % 2 === 0 ? 1 : -1) * (i / 20))),
  );
  const ours = (factor: number, section = 'loud'): Change =>
    changed({ ...benchComparison(2), section }, factor);
  const regressed = (changes: readonly Change[]): number[] =>
    regressionsOf(sidesOf(changes)).map(({ factor }) => factor);

  it('counts what got worse by more than nearly all controls changed, either way', () => {
    expect(regressed([ours(0.6), ours(0.5), ours(0.3), ours(3), ...loud])).toEqual([0.5, 0.3]);
  });

  it('counts whatever got worse where controls are too few', () => {
    expect(regressed([ours(0.9), ours(1.2), ...loud.slice(0, 19)])).toEqual([0.9]);
    expect(regressed([ours(0.9), ...loud.slice(0, 20)])).toEqual([]);
  });

  it('does not count what the controls of the same row did as well', () => {
    const row = benchComparison(2);
    const those = [changed(row, 0.3), changed(row, 0.3, false), changed(row, 0.35, false)];
    expect(regressed([...those, ours(0.3), ...loud])).toEqual([0.3]);
    const luck = [changed(row, 0.3), changed(row, 1, false)];
    expect(regressed([...luck, ...loud])).toEqual([0.3]);
  });

  it('measures a section by its own controls, or by those of all that have too few', () => {
    const quiet = (count: number, section: string) =>
      Array.from({ length: count }, () => control(0.97, section));
    const change = ours(0.9, 'quiet');
    expect(regressed([change, ...loud, ...quiet(20, 'quiet')])).toEqual([0.9]);
    expect(regressed([change, ...loud, ...quiet(10, 'quiet'), ...quiet(10, 'calm')])).toEqual([
      0.9,
    ]);
    expect(regressed([change, ...loud, ...quiet(10, 'quiet')])).toEqual([]);
  });

  it('leaves out what has too few rounds to tell', () => {
    const few = loud.map((one): Change => ({ ...one, verdict: 'too few rounds' }));
    expect(regressed([ours(0.9), ...few])).toEqual([0.9]);
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

  it('tells what changed without arena-pirate apart, and fails for nothing that is as likely by chance', () => {
    // Ours is twice as fast as plain Node; of a pool, and of its rows, it depends.
    const rows = (ours: number, pools: readonly number[]): Comparison[] =>
      pools.map((pool, i) => {
        const name = `row ${i}`;
        const one = benchComparison(i === 0 ? ours : 2, 11, i + 1);
        const { plain = [] } = one.rounds;
        return { ...one, name, rounds: { ...one.rounds, pool: plain.map((time) => time / pool) } };
      });
    const swinging = (by: number) => Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? by : 1));
    const before = write('chance-before.json', { comparisons: rows(2, swinging(1)) });
    const compared = (ours: number, by: number) =>
      compare(
        before,
        write('chance-after.json', { comparisons: rows(ours, swinging(by)) }),
        '--fail-on-regression',
      );

    const loud = compared(1.5, 0.5);
    expect(loud.stdout).toContain('0 better, 1 worse, 23 unchanged');
    expect(loud.stdout).toContain(
      'Of 24 variants without arena-pirate 12 changed as well: so 12 of the 24 of ours are',
    );
    expect(loud.stdout.split('As a control')[1]).toMatch(/worse +−50\.0% +pool/);
    expect(loud.stdout).toContain('Regressions: 0');
    expect(loud.status).toBe(0);

    const quiet = compared(1.5, 0.99);
    expect(quiet.stdout).toContain('24 variants without arena-pirate 0 changed as well: so 0 of');
    expect(quiet.stdout).toMatch(/regression +worse +−2\d\.\d% +exit/);
    expect(quiet.status).toBe(1);
  });

  it.each([
    ['quick', /^The first run is a quick one, and 2 of its 2 rows.*: the standard profile has/],
    ['standard', /^The first run is a standard one.*: --full has enough/],
  ] as const)(
    'says first that a %s run has too few rounds, and which has more',
    (profile, said) => {
      const rows = (rounds: number) =>
        ['a', 'b'].map((name) => ({ ...benchComparison(2, rounds), name }));
      const few = write('few.json', { profile, comparisons: rows(3) });
      const many = write('many.json', { profile: 'full', comparisons: rows(5) });
      expect(compare(few, many).stdout).toMatch(said);
      expect(compare(few, many).stdout).not.toContain('The second run');
      expect(compare(few, few).stdout).toContain('The second run');
      expect(compare(many, many).stdout).toMatch(/^Node/);
    },
  );

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
