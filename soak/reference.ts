// Bytes that are known, outside all arenas: what is right is compared with these.
import { randomFillSync } from 'node:crypto';
import { noArena } from 'arena-pirate';

/** No array of the soak test is longer. */
export const LARGEST = 4 * 2 ** 20;

const SEEDS = 2 ** 16;

const { random, zeros } = noArena(() => ({
  random: randomFillSync(Buffer.alloc(LARGEST + SEEDS)),
  zeros: Buffer.alloc(LARGEST),
}));

function expected(seed: number, length: number): Buffer {
  const start = seed % SEEDS;
  return random.subarray(start, start + length);
}

/** Fills an array with bytes that follow from `seed`, all alike as far as anybody can tell. */
export function fill<T extends Uint8Array>(array: T, seed: number): T {
  array.set(expected(seed, array.length));
  return array;
}

/** Whether every byte is still what {@link fill} wrote. */
export function holds(array: Uint8Array, seed: number): boolean {
  return expected(seed, array.length).equals(array);
}

/** Whether every byte is zero. */
export function isZero(array: Uint8Array): boolean {
  return zeros.subarray(0, array.length).equals(array);
}
