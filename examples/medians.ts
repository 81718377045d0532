/**
 * The medians example of the original: each task makes an array of random doubles, sorts a copy as far as its
 * middle, and keeps one number.
 */
import { mapArena } from 'arena-pirate';
import { handKeptMedianOfRandom, medianOfRandom } from './median-of-random.js';
import { exampleWorkload } from './support/example-workload.js';
import { runAlone } from './support/run-alone.js';
import { arenaOptions } from './support/variant.js';
import type { Workload } from './support/workload.js';

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
  const medianOf = handKeptMedianOfRandom(size);
  return () => seeds(count).map(medianOf);
}

/** What the tasks are told apart by. */
export function seeds(count: number): number[] {
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
