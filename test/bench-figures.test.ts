import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { floorOf } from '../bench/comparison.js';
import { isDoubtful, type Target, target, verdictOn } from '../bench/section.js';
import type { MeasuredServer, ServerRound } from '../bench/server/measure.js';
import { targetsOf } from '../bench/server/targets.js';
import { geometricMeanSpread } from '../bench/support/geometric-mean.js';
import { planOf } from '../bench/support/pass-sets.js';
import { roundsWithin } from '../bench/support/rounds-within.js';
import { Schedule } from '../bench/support/schedule.js';
import { inverse, spreadOf, spreadOfRatios } from '../bench/support/spread.js';
import { benchComparison } from './support/bench-results.js';

describe('the spread of ratios', () => {
  it('is that of their reciprocals the other way round, for even numbers of them too', () => {
    const ratios = [0.07, 0.9, 1.5, 20];
    const { low, median, high } = inverse(spreadOfRatios(ratios.map((ratio) => 1 / ratio)));
    const direct = spreadOfRatios(ratios);
    expect(low).toBeCloseTo(direct.low, 12);
    expect(median).toBeCloseTo(direct.median, 12);
    expect(high).toBeCloseTo(direct.high, 12);
    expect(median).toBeCloseTo(Math.sqrt(0.9 * 1.5), 12);
  });

  it('is exactly the one in the middle of an odd number', () => {
    expect(spreadOfRatios([3, 0.1, 7, 0.3, 9])).toEqual({ low: 0.3, median: 3, high: 7 });
  });

  it('takes ratios of counts, 0 and infinite ones included', () => {
    const none = 0;
    const all = Number.POSITIVE_INFINITY;
    expect(spreadOfRatios([none, none, all, all]).median).toBe(1);
    expect(spreadOfRatios([none, 4]).median).toBe(0);
    expect(spreadOfRatios([4, all]).median).toBe(all);
    expect(spreadOf([4, all]).median).toBe(all);
  });
});

describe('the verdict on a target', () => {
  it.each([
    [1.1, {}, 'met'],
    [0.9, {}, 'not met'],
    [0.9, { floor: 1.2 }, 'not met'],
    [0.9, { floor: 0.95 }, 'out of reach'],
    [0.9, { floor: 1.2, control: 0.95 }, 'not met'],
    [0.9, { floor: 1.2, control: 1.1 }, 'not met'],
    [0.9, { floor: 1.2, control: 0.85 }, 'no more than noise'],
    [0.9, { floor: 1.2, control: 1.2 }, 'not met'],
    [0.5, { floor: 0.999 }, 'not met'],
    [0.5, { floor: 0.999, control: 0.45 }, 'no more than noise'],
    [0.95, { floor: 0.98 }, 'out of reach'],
    [0.95, { floor: 0.9 }, 'out of reach'],
    [0.9, { floor: 0.95, control: 0.85 }, 'out of reach'],
  ] as const)('is, of %d where 1 is wanted, beside %j: %s', (measured, beside, verdict) => {
    expect(verdictOn(target('', measured, 'at least', 1, '×', beside))).toBe(verdict);
  });

  it('is the same of costs', () => {
    const cost = (control: number) => target('', 3, 'at most', 1, '%', { control });
    expect([-3, -1.5, 0, 1.5, 3].map((control) => verdictOn(cost(control)))).toEqual([
      'not met',
      'not met',
      'not met',
      'not met',
      'no more than noise',
    ]);
  });

  it('is out of reach of costs, too, only where ours comes near the floor', () => {
    const cost = (floor: number) => target('', 60, 'at most', 2, '%', { floor });
    expect([1, 10, 35, 45].map((floor) => verdictOn(cost(floor)))).toEqual([
      'not met',
      'not met',
      'not met',
      'out of reach',
    ]);
  });

  it('is not noise where a gain is wanted and there is none, if two of the same hardly differ', () => {
    const gain = (control: number) => target('', 1, 'at least', 1.05, '×', { control });
    expect([0.9, 0.98, 1.02, 1.1].map((control) => verdictOn(gain(control)))).toEqual([
      'no more than noise',
      'not met',
      'not met',
      'not met',
    ]);
  });
});

describe('a floor', () => {
  it('is none where one of ours beats it', () => {
    const row = { ...benchComparison(1), rounds: { plain: [8], exit: [4], slow: [5], fast: [2] } };
    expect(floorOf(row, 'fast')).toBe(4);
    expect(floorOf(row, 'slow')).toBe(2);
  });
});

describe('the targets of a server', () => {
  const observed = (figures: Partial<ServerRound['fixedRate']> = {}): ServerRound['fixedRate'] => ({
    markCompacts: 0,
    gcTime: 100,
    longestPause: 10,
    resident: 1000,
    peak: 1000,
    captured: 1,
    ...figures,
  });
  const round = (figures: {
    fixedRate?: Partial<ServerRound['fixedRate']>;
    latencies?: number[];
    throughput?: number;
  }): ServerRound => ({
    latencies: figures.latencies ?? [1, 2, 3],
    fixedRate: observed(figures.fixedRate),
    throughput: figures.throughput ?? 100,
    answered: 100,
    flatOut: observed(),
    alone: { ...observed(), nanoseconds: [1] },
  });
  const targetsFor = (rounds: Partial<MeasuredServer['rounds']>): Target[] =>
    targetsOf('pictures', {
      rate: 1,
      sha256: '',
      repeated: 0,
      rounds: {
        plain: [round({}), round({}), round({}), round({})],
        collected: [round({}), round({}), round({}), round({})],
        exit: [round({}), round({}), round({}), round({})],
        floor: [round({}), round({}), round({}), round({})],
        'plain again': [round({}), round({}), round({}), round({})],
        ...rounds,
      },
    });
  const about = (targets: readonly Target[], what: string): Target =>
    targets.find(({ claim }) => claim.includes(what)) as Target;

  it('are there, and missed, where plain Node has no mark-compact and we have', () => {
    const one = [round({ fixedRate: { markCompacts: 1 } }), round({}), round({}), round({})];
    expect(about(targetsFor({}), 'mark-compacts')).toMatchObject({ met: true, measured: 0 });
    const missed = about(targetsFor({ collected: one, exit: one }), 'mark-compacts');
    expect(missed).toMatchObject({ met: false, measured: 1, limit: 0, unit: 'in all' });
  });

  it('allow a fifth of the mark-compacts that plain Node has', () => {
    const plain = Array.from({ length: 4 }, () => round({ fixedRate: { markCompacts: 5 } }));
    const four = Array.from({ length: 4 }, () => round({ fixedRate: { markCompacts: 1 } }));
    const { met, limit, measured } = about(
      targetsFor({ plain, collected: four, exit: four }),
      'mark-compacts',
    );
    expect({ met, limit, measured }).toEqual({ met: true, limit: 4, measured: 4 });
  });

  it('are of one mode, the one that keeps more of them, and tell of the other', () => {
    const little = { gcTime: 10, resident: 5000 };
    const exit = Array.from({ length: 4 }, () => round({ fixedRate: little, throughput: 120 }));
    const targets = targetsFor({ exit });
    expect(targets.map(({ claim }) => claim.slice(0, 7))).toEqual(targets.map(() => "'exit' "));
    const resident = about(targets, 'resident memory');
    expect(resident).toMatchObject({ met: false, measured: 5 });
    expect(resident.claim).toContain("('collected': 1.00×)");
  });

  it('count each request once, and say when all hangs on one round', () => {
    const slow = round({ latencies: [1, 2, 300] });
    const fast = () => round({ latencies: [1, 2, 3] });
    const plain = [slow, fast(), fast(), fast()];
    const exit = [fast(), fast(), fast(), fast()];
    const p999 = about(targetsFor({ plain, exit, collected: exit }), 'p99.9');
    expect(p999.met).toBe(true);
    expect(p999.spread?.high).toBe(1);
    expect(isDoubtful(p999)).toBe(true);
  });
});

describe('the geometric mean of several rows', () => {
  it('is that of their medians, with the quartiles of the means of their rounds', () => {
    const { low, median, high } = geometricMeanSpread([
      [1, 2, 4, 8, 16],
      [1, 2, 4, 8, 16],
    ]);
    expect(median).toBeCloseTo(4);
    expect(low).toBeCloseTo(2);
    expect(high).toBeCloseTo(8);
  });

  it('has the spread that is left when rows differ in opposite directions', () => {
    const { low, median, high } = geometricMeanSpread([
      [1, 2, 4],
      [4, 2, 1],
    ]);
    expect([low, median, high].map((figure) => Number(figure.toFixed(9)))).toEqual([2, 2, 2]);
  });

  it('takes rows of any number of rounds in, the last ones included', () => {
    // In pairs: 1 and 1, 1 and 4, 16 and 1, 16 and 4.
    const { low, median, high } = geometricMeanSpread([
      [1, 16],
      [1, 4, 1, 4],
    ]);
    expect(median).toBeCloseTo(Math.sqrt(4 * 2));
    expect(low).toBeCloseTo(2 ** 0.75);
    expect(high).toBeCloseTo(4 * 2 ** 0.25);
  });

  it('is none without rows, or with one that has no rounds', () => {
    expect(() => geometricMeanSpread([])).toThrow(RangeError);
    expect(() => geometricMeanSpread([[1], []])).toThrow(RangeError);
  });
});

describe('a run on a slow machine', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Of which each takes so long. */
  const countRounds = (
    milliseconds: number,
    ...within: Parameters<typeof roundsWithin>
  ): number => {
    let count = 0;
    for (const round of roundsWithin(...within)) {
      expect(round).toBe(count++);
      vi.advanceTimersByTime(milliseconds);
    }
    return count;
  };

  it('has as many rounds as end in time, and all of them on a fast one', () => {
    expect(countRounds(10, 8, 80)).toBe(8);
    expect(countRounds(11, 8, 80)).toBe(7);
    expect(countRounds(1000, 8)).toBe(8);
  });

  it('has half of the rounds at least', () => {
    expect([1, 2, 4, 7].map((rounds) => countRounds(1000, rounds, 80))).toEqual([1, 1, 2, 4]);
  });

  it('is behind when more of the time is over than is done of the work', () => {
    const schedule = new Schedule(100);
    expect(schedule.isBehind(0)).toBe(false);
    vi.advanceTimersByTime(30);
    expect(schedule.isBehind(0)).toBe(false);
    expect(schedule.isBehind(0.2)).toBe(true);
    expect(schedule.isBehind(0.3)).toBe(false);
    expect(schedule.hasLeft(70)).toBe(true);
    expect(schedule.hasLeft(71)).toBe(false);
  });

  it('takes turns for as long as is left where no other set of processes ends in time', () => {
    const sizes = { sets: 2, millisecondsPerSet: 100 };
    // Of this one 100 and 10 are left, and the next one takes 300 + 10 + 100 + 10.
    const took = { preparing: 300, checking: 10 };
    const plan = (set: number, milliseconds?: number) =>
      planOf(set, sizes, new Schedule(milliseconds), took);
    expect(plan(0, 530)).toEqual({ millisecondsOfTurns: 100, isLast: false });
    expect(plan(0, 529)).toEqual({ millisecondsOfTurns: 519, isLast: true });
    expect(plan(0, 50)).toEqual({ millisecondsOfTurns: 100, isLast: true });
    expect(plan(1, 529)).toEqual({ millisecondsOfTurns: 100, isLast: true });
    expect(plan(0)).toEqual({ millisecondsOfTurns: 100, isLast: false });
  });

  it('has half of the sets of processes at least', () => {
    const took = { preparing: 300, checking: 10 };
    const plan = (set: number) =>
      planOf(set, { sets: 4, millisecondsPerSet: 100 }, new Schedule(1), took).isLast;
    expect([plan(0), plan(1)]).toEqual([false, true]);
  });

  it('is never behind where nobody waits for it', () => {
    const schedule = new Schedule();
    vi.advanceTimersByTime(1e9);
    expect(schedule.isBehind(0.1)).toBe(false);
    expect(schedule.hasLeft(1e9)).toBe(true);
  });
});
