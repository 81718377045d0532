import type { Comparison } from '../../bench/comparison.js';
import type { Machine } from '../../bench/machine.js';
import type { Results, Run } from '../../bench/results.js';
import { randomNumbers } from '../../examples/support/random.js';

/** The machine of {@link benchRun}. */
export const BENCH_MACHINE: Machine = {
  cpu: 'A cpu',
  cores: 2,
  topology: '2 cpus',
  caches: [],
  memoryBytes: 2 ** 30,
  kernel: 'Linux',
  transparentHugePages: 'always',
  malloc: 'glibc 2.36',
  node: 'v20.20.2',
  v8: '11',
  arenaPirate: '0.1.0',
  packages: { pako: '3.0.3' },
  load: [0, 0, 0],
  loadAfter: [1, 1, 1],
  date: '2026-11-25T00:00:00.000Z',
};

/** So many rounds of plain and of 'exit', which is `speed` times as fast, on a clock that drifts. */
export function benchComparison(speed: number, rounds = 11, seed = 1, clock = 1): Comparison {
  const random = randomNumbers(seed);
  const drifts = Array.from({ length: rounds }, () => clock * (1 + random()));
  const times = (each: number) => drifts.map((drift) => each * drift * (1 + 0.02 * random()));
  return {
    section: 'fixture',
    group: 'work',
    name: '8 KB',
    unit: 'ns',
    better: 'less',
    baseline: 'plain',
    ours: ['exit'],
    rounds: { plain: times(100), exit: times(100 / speed) },
  };
}

/** The same with a pool, which is `speed` times as fast as 'exit'. */
export function benchRivalry(speed: number, name = '8 KB'): Comparison {
  const one = benchComparison(2);
  const pool = (one.rounds.exit ?? []).map((time) => time / speed);
  return { ...one, name, rounds: { ...one.rounds, pool }, rivals: ['pool'] };
}

/** A run that measured nothing but what it is given. */
export function benchRun(given: Partial<Run>): Run {
  return {
    machine: BENCH_MACHINE,
    profile: 'standard',
    seconds: 1,
    comparisons: [],
    targets: [],
    ...given,
  };
}

/** What the JSON file of such runs holds. */
export function benchResults(...runs: readonly Run[]): Results {
  return { format: 1, runs };
}
