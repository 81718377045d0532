import { VARIANTS, type Variant } from '../../examples/support/variant.js';
import { pairedRatios, type Spread, spreadOf } from '../support/spread.js';
import type { ParallelExample } from './measure.js';

/** How many worker threads are compared. */
export const THREADS = [1, 2] as const;
export type Threads = (typeof THREADS)[number];

/** Of each variant, round by round. */
export type Milliseconds = Readonly<Record<Variant, number[]>>;

export interface Measured {
  readonly name: ParallelExample;
  readonly input: string;
  /** Of the results, which are the same in all variants, on any number of threads. */
  readonly sha256: string;
  readonly milliseconds: Readonly<Record<Threads, Milliseconds>>;
}

/** The ways of getting memory that are compared with plain Node. */
export const RIVALS = ['collected', 'exit', 'hand-kept'] as const;
type Rival = (typeof RIVALS)[number];

/** One example, with what the rounds come to. */
export interface Row extends Measured {
  /** Times as fast as plain Node on as many threads, in the same round. */
  readonly speed: Readonly<Record<Threads, Readonly<Record<Rival, Spread>>>>;
  /** Times as fast on two threads as on one, in the same round. */
  readonly scaling: Readonly<Record<Variant, Spread>>;
}

export function summarise(measured: Measured): Row {
  const { milliseconds } = measured;
  const speedOn = (threads: Threads) => {
    const times = milliseconds[threads];
    return record(RIVALS, (rival) => spreadOf(pairedRatios(times.plain, times[rival])));
  };
  return {
    ...measured,
    speed: { 1: speedOn(1), 2: speedOn(2) },
    scaling: record(VARIANTS, (variant) =>
      spreadOf(pairedRatios(milliseconds[1][variant], milliseconds[2][variant])),
    ),
  };
}

function record<Key extends string, Value>(
  keys: readonly Key[],
  make: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
}
