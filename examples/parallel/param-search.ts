/** The parameter-search example on worker threads. */
import { best, fitNumbers, observe, parameterGrid } from '../param-search.js';
import type { Observations } from '../squared-error.js';
import { exampleWorkload } from '../support/example-workload.js';
import { runAlone } from '../support/run-alone.js';
import type { Workload } from '../support/workload.js';
import { OnThreads } from './on-threads.js';
import type { TrialItem } from './tasks.js';

const TRIALS_PER_CHUNK = 8;

/** The example as one workload of the demo. */
export function mtParamSearchWorkload(steps: number, points: number, threads: number): Workload {
  const observations = shared(observe(points));
  const grid = parameterGrid(steps);
  const items = grid.map((parameters): TrialItem => ({ observations, parameters }));
  const work = new OnThreads(threads, TRIALS_PER_CHUNK);
  const fitFrom = async (errors: Promise<number[]>) => fitNumbers(best(grid, await errors));
  return exampleWorkload({
    name: 'param-search',
    input: `${steps}³ trials on ${points.toLocaleString('en')} points`,
    threads,
    plain: () => fitFrom(work.plain(items, 'trialTask')),
    inArenas: (release) => fitFrom(work.inArenas(items, 'trialTask', release)),
    handKept: () => fitFrom(work.plain(items, 'handKeptTrialTask')),
  });
}

/** All threads read the same memory: nothing is copied with the items. */
function shared({ x, y }: Observations): Observations {
  return { x: onSharedMemory(x), y: onSharedMemory(y) };
}

function onSharedMemory(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

if (require.main === module) {
  runAlone({
    about: 'Fits a wave by trying a grid of parameters on worker threads.',
    numbers: {
      threads: { about: 'worker threads', value: 2 },
      steps: { about: 'values of each of the three parameters, 30 in the original', value: 10 },
      points: { about: 'data points', value: 100_000 },
      rounds: { about: 'rounds', value: 3 },
    },
    workload: ({ steps, points, threads }) => mtParamSearchWorkload(steps, points, threads),
  });
}
