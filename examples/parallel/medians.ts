/** The medians example on worker threads. */
import { seeds } from '../medians.js';
import { exampleWorkload } from '../support/example-workload.js';
import { runAlone } from '../support/run-alone.js';
import type { Workload } from '../support/workload.js';
import { OnThreads } from './on-threads.js';
import type { MedianItem } from './tasks.js';

/** The example as one workload of the demo. */
export function mtMediansWorkload(count: number, size: number, threads: number): Workload {
  const items = seeds(count).map((seed): MedianItem => ({ seed, size }));
  const work = new OnThreads(threads, 1);
  return exampleWorkload({
    name: 'medians',
    input: `${count} arrays of ${size.toLocaleString('en')}`,
    threads,
    plain: async () => Float64Array.from(await work.plain(items, 'medianTask')),
    inArenas: async (release) =>
      Float64Array.from(await work.inArenas(items, 'medianTask', release)),
    handKept: async () => Float64Array.from(await work.plain(items, 'handKeptMedianTask')),
  });
}

if (require.main === module) {
  runAlone({
    about: 'Medians of arrays of random doubles on worker threads.',
    numbers: {
      threads: { about: 'worker threads', value: 2 },
      count: { about: 'arrays', value: 32 },
      size: { about: 'doubles in each', value: 10_000_000 },
      rounds: { about: 'rounds', value: 3 },
    },
    workload: ({ count, size, threads }) => mtMediansWorkload(count, size, threads),
  });
}
