/**
 * The medians example of the original: each task makes an array of random doubles, sorts a copy as far as its
 * middle, and keeps one number. Nothing in the plain functions knows of arenas.
 */
import { mapArena } from 'arena-pirate';
import { exampleWorkload } from './support/example-workload.js';
import { randomNumbers } from './support/random.js';
import { runAlone } from './support/run-alone.js';
import { selectNth } from './support/select-nth.js';
import { arenaOptions } from './support/variant.js';
import type { Workload } from './support/workload.js';

/** The median of an array, which stays as it is. */
export function median(values: Float64Array): number {
  return medianInPlace(values.slice());
}

/** One task: the median of `size` random numbers. */
export function medianOfRandom(seed: number, size: number): number {
  return median(fillRandom(new Float64Array(size), seed));
}

/** `count` tasks with memory from plain Node. */
export function medians(count: number, size: number): number[] {
  return seeds(count).map((seed) => medianOfRandom(seed, size));
}

/** The same tasks, each in an arena scope of its own. */
export function mediansInArenas(
  count: number,
  size: number,
  release: 'collected' | 'exit',
): number[] {
  return mapArena(seeds(count), (seed) => medianOfRandom(seed, size), arenaOptions[release]);
}

/** The same tasks with two buffers kept by hand. */
export function handKeptMedians(count: number, size: number): () => number[] {
  const values = new Float64Array(size);
  const copy = new Float64Array(size);
  return () =>
    seeds(count).map((seed) => {
      copy.set(fillRandom(values, seed));
      return medianInPlace(copy);
    });
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
  for (let i = 0; i < values.length; i++) values[i] = next();
  return values;
}

function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** The example as one workload of the demo. */
export function mediansWorkload(count: number, size: number): Workload {
  const handKept = handKeptMedians(count, size);
  return exampleWorkload({
    name: 'medians',
    input: `${count} arrays of ${size.toLocaleString('en')}`,
    plain: () => Float64Array.from(medians(count, size)),
    inArenas: (release) => Float64Array.from(mediansInArenas(count, size, release)),
    handKept: () => Float64Array.from(handKept()),
  });
}

if (require.main === module) {
  runAlone({
    about: 'Medians of arrays of random doubles, plain, in arenas and with buffers kept by hand.',
    numbers: {
      count: { about: 'arrays', value: 32 },
      size: { about: 'doubles in each', value: 10_000_000 },
      rounds: { about: 'rounds', value: 3 },
    },
    workload: ({ count, size }) => mediansWorkload(count, size),
    warmUp: mediansWorkload(4, 100_000),
  });
}
