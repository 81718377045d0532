import type * as ArenaPirate from 'arena-pirate';
import type { ArenaOptions } from 'arena-pirate';
import { KIB } from '../settings.js';

/** Where the arrays of asynchronous work come from. The package is not even loaded for `'plain'`. */
export type AsyncVariant = (typeof ASYNC_VARIANTS)[number];
export const ASYNC_VARIANTS = ['plain', 'collected', 'exit'] as const;

type Scope = <T>(fn: () => Promise<T>) => Promise<T>;

/** Gives a number, so that the work counts for something: the same one in each variant. */
export type AsyncWork = (scope: Scope) => Promise<number>;

export const CONCURRENT = 1_000;
const ARRAYS = 100;
const LENGTH = KIB / Float64Array.BYTES_PER_ELEMENT;

/** One after the other. */
export const ASYNC_SCOPES = {
  'an async scope with one array of 1 KB': (scope) => scope(one),
  'two nested async scopes with an array of 1 KB each': (scope) =>
    scope(async () => (await one()) + (await scope(one))),
} satisfies Readonly<Record<string, AsyncWork>>;

/** All scopes are open at once, each with {@link ARRAYS} arrays of 1 KB that are written and then read. */
export const concurrentScopes: AsyncWork = async (scope) => {
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let open = 0;
  const work = async (): Promise<number> => {
    const arrays = Array.from({ length: ARRAYS }, (_, i) => new Float64Array(LENGTH).fill(i));
    if (++open === CONCURRENT) release();
    await released;
    return arrays.reduce((sum, array) => sum + (array[1] as number), 0);
  };
  const sums = await Promise.all(Array.from({ length: CONCURRENT }, () => scope(work)));
  return sums.reduce((total, sum) => total + sum, 0);
};

async function one(): Promise<number> {
  const array = new Float64Array(LENGTH);
  await undefined;
  return array.length;
}

export function scopeOf(variant: AsyncVariant): Scope {
  if (variant === 'plain') return (fn) => fn();
  const { arena } = require('arena-pirate') as typeof ArenaPirate;
  const options: ArenaOptions = { release: variant };
  return (fn) => arena(fn, options);
}
