// Contents that tell an array's own bytes from anybody else's. Both functions refer to nothing
// outside, because child processes get them as source text.

/** Fills an array with bytes that follow from `seed` and their position. */
export function fillPattern<T extends Uint8Array>(array: T, seed: number): T {
  for (let i = 0; i < array.length; i++) array[i] = Math.imul(seed + i, 0x9e3779b1) >>> 24;
  return array;
}

/** Whether an array still holds what {@link fillPattern} wrote. */
export function holdsPattern(array: Uint8Array, seed: number): boolean {
  for (let i = 0; i < array.length; i++) {
    if (array[i] !== Math.imul(seed + i, 0x9e3779b1) >>> 24) return false;
  }
  return true;
}
