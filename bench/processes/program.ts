import { readFileSync, realpathSync } from 'node:fs';
import { answerEach } from '../support/asked-process.js';
import { peakResident } from '../support/peak.js';
import { NANOSECONDS } from '../support/units.js';

/** What each process is told. */
export interface ProcessTask {
  readonly release?: 'collected' | 'exit';
  readonly preload?: string;
  /** Of one array. */
  readonly bytes: number;
  readonly arraysPerScope: number;
}

/** One turn. */
export interface Turn {
  readonly scopes: number;
}

export interface Took {
  readonly nanosecondsPerArray: number;
  /** The same in all variants. */
  readonly sum: number;
  /** The most resident memory so far, in bytes; undefined where the system does not say. */
  readonly peakBytes?: number;
}

/** Answers turns: arrays that are written throughout, in scopes as `inScope` makes them. */
export function answerTurns(inScope: (task: ProcessTask) => (fn: () => number) => number): void {
  answerEach<ProcessTask, Turn, Took>(async (task) => {
    const { bytes, arraysPerScope, preload } = task;
    if (preload !== undefined) checkPreloaded(preload);
    const scoped = inScope(task);
    const length = bytes / Float64Array.BYTES_PER_ELEMENT;

    const oneScope = (): number => {
      let sum = 0;
      for (let i = 0; i < arraysPerScope; i++) {
        const array = new Float64Array(length);
        for (let at = 0; at < length; at++) array[at] = i + at;
        sum += (array[0] as number) + (array[length - 1] as number);
      }
      return sum;
    };

    return ({ scopes }) => {
      const start = performance.now();
      let sum = 0;
      for (let i = 0; i < scopes; i++) sum += scoped(oneScope);
      const nanoseconds = (performance.now() - start) * NANOSECONDS.perMillisecond;
      const peakBytes = peakResident();
      return {
        nanosecondsPerArray: nanoseconds / (scopes * arraysPerScope),
        sum,
        ...(peakBytes === undefined ? {} : { peakBytes }),
      };
    };
  });
}

// The loader only warns of a library that it cannot load.
function checkPreloaded(library: string): void {
  if (readFileSync('/proc/self/maps', 'utf8').includes(realpathSync(library))) return;
  throw new Error(`${library} was not preloaded`);
}
