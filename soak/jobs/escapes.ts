import { arena, copyFromArena } from 'arena-pirate';
import type { Context, Job } from '../job.js';
import { fill, holds } from '../reference.js';

interface Escaped {
  readonly array: Uint8Array;
  readonly seed: number;
  readonly until: number;
}

// Each may keep a whole slab.
const KEPT = 300;
const LONGEST_LIFE = 20_000;

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

function dropExpired(check: Context['check']): void {
  const now = performance.now();
  for (const [i, { array, seed, until }] of [...kept.entries()].reverse()) {
    if (until > now && kept.length <= KEPT) continue;
    check(holds(array, seed), 'an array has changed by the end of its life');
    kept.splice(i, 1);
  }
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
  kept.push({ array, seed, until: performance.now() + random() * LONGEST_LIFE });

  const one = kept[Math.floor(random() * kept.length)] as Escaped;
  check(holds(one.array, one.seed), 'an array that has left its scope has changed');
  dropExpired(check);
}

/** Arrays that outlive their scopes by up to 20 seconds. */
export const escapes: Job = {
  name: 'escapes',
  run,
  stop: async ({ check }) => {
    for (const { array, seed } of kept.splice(0)) {
      check(holds(array, seed), 'an array that has left its scope has changed');
    }
  },
};
