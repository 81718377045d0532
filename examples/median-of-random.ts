/** The task of the medians example: nothing here knows of arenas. */
import { randomNumbers } from './support/random.js';
import { selectNth } from './support/select-nth.js';

/** The median of an array, which stays as it is. */
export function median(values: Float64Array): number {
  return medianInPlace(values.slice());
}

/** One task: the median of `size` random numbers. */
export function medianOfRandom(seed: number, size: number): number {
  return median(fillRandom(new Float64Array(size), seed));
}

/** The same task with two buffers kept by hand. */
export function handKeptMedianOfRandom(size: number): (seed: number) => number {
  const values = new Float64Array(size);
  const copy = new Float64Array(size);
  return (seed) => {
    copy.set(fillRandom(values, seed));
    return medianInPlace(copy);
  };
}

function medianInPlace(values: Float64Array): number {
  const half = values.length >> 1;
  const upper = selectNth(values, half);
  if (values.length % 2 === 1) return upper;
  // Selection leaves everything smaller on the left, so the lower middle is the largest there.
  let lower = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < half; i++) lower = Math.max(lower, values[i] as number);
  return (lower + upper) / 2;
}

function fillRandom(values: Float64Array, seed: number): Float64Array {
  const next = randomNumbers(seed);
  const { length } = values;
  for (let i = 0; i < length; i++) values[i] = next();
  return values;
}
