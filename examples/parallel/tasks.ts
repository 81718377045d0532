/**
 * What the worker threads of the multithreaded examples run. Nothing here knows of arenas: mtMapArena runs
 * these tasks in scopes, and a plain piscina runs the very same ones without.
 */
import { handKeptMedianOfRandom, medianOfRandom } from '../median-of-random.js';
import {
  handKeptSquaredError,
  type Observations,
  type Parameters,
  squaredError,
} from '../squared-error.js';

/** What one median is made of. */
export interface MedianItem {
  readonly seed: number;
  readonly size: number;
}

export function medianTask({ seed, size }: MedianItem): number {
  return medianOfRandom(seed, size);
}

/** One trial; the observations lie on shared memory. */
export interface TrialItem {
  readonly observations: Observations;
  readonly parameters: Parameters;
}

export function trialTask({ observations, parameters }: TrialItem): number {
  return squaredError(observations, parameters);
}

export const handKeptMedianTask = ({ seed, size }: MedianItem): number =>
  kept(`median ${size}`, () => handKeptMedianOfRandom(size))(seed);

export const handKeptTrialTask = ({ observations, parameters }: TrialItem): number =>
  kept(`trial ${observations.x.length}`, () => handKeptSquaredError(observations.x.length))(
    observations,
    parameters,
  );

const buffers = new Map<string, unknown>();

/** What was made under this name in this thread, if need be now. */
function kept<T>(name: string, make: () => T): T {
  if (!buffers.has(name)) buffers.set(name, make());
  return buffers.get(name) as T;
}

const TASKS = { medianTask, trialTask, handKeptMedianTask, handKeptTrialTask };

export type TaskName = keyof typeof TASKS;

/** Some items of a map without arenas. */
export interface PlainChunk {
  readonly task: TaskName;
  readonly items: readonly never[];
}

/** Does by hand what mtMapArena does for its workers. */
export function runPlainChunk({ task, items }: PlainChunk): number[] {
  return items.map(TASKS[task]);
}
