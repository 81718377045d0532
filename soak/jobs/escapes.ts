import { arena, copyFromArena } from 'arena-pirate';
import type { Context, Job } from '../job.js';
import { fill, holds } from '../reference.js';

interface Escaped {
  readonly array: Uint8Array;
  readonly seed: number;
}

// Each may keep a whole slab. A number and not a time, so that memory does not follow the load of the
// machine.
const KEPT = 100;

const kept: Escaped[] = [];

/**
 * Overwrites a byte of an escaped array: a soak test that says nothing then is worth nothing.
 * @returns whether there was one
 */
export function corruptOne(): boolean {
  const victim = kept[0]?.array;
  if (victim === undefined) return false;
  victim[0] = (victim[0] as number) ^ 1;
  return true;
}

async function run({ random, length, check }: Context): Promise<void> {
  const seed = Math.floor(random() * 2 ** 16);
  const make = () => fill(new Uint8Array(length()), seed);
  // Results of 'collected' scopes are valid for ever; those of 'exit' scopes are copies.
  const array =
    random() < 0.7
      ? arena.sync(make, { release: 'collected' })
      : random() < 0.5
        ? arena.sync(make, { release: 'exit' })
        : arena.sync(() => copyFromArena(make()), { release: 'exit', copyResult: false });
  const one = Math.floor(random() * kept.length);
  const seen = kept[one];
  if (seen) check(holds(seen.array, seen.seed), 'an array that has left its scope has changed');
  kept[kept.length < KEPT ? kept.length : one] = { array, seed };
}

/** Arrays that outlive their scopes, until others take their places. */
export const escapes: Job = {
  name: 'escapes',
  run,
  stop: async ({ check }) => {
    for (const { array, seed } of kept.splice(0)) {
      check(holds(array, seed), 'an array that has left its scope has changed');
    }
  },
};
