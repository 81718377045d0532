import { peakResident } from '../support/peak.js';
import { answerTask } from '../support/task.js';
import { NANOSECONDS } from '../support/units.js';
import {
  ASYNC_SCOPES,
  type AsyncVariant,
  type AsyncWork,
  CONCURRENT,
  concurrentScopes,
  scopeOf,
} from './async-work.js';

/** What a process is to do: scopes one after the other for some time, or many at once for some rounds. */
export type AsyncTask = { readonly variant: AsyncVariant } & (
  | { readonly work: keyof typeof ASYNC_SCOPES; readonly milliseconds: number }
  | { readonly concurrentRounds: number }
);

export interface AsyncMeasured {
  readonly nanosecondsPerScope: number;
  /** Bytes of resident memory that the process had at most. */
  readonly peak: number;
  /** What the work gave each time: the same for all variants. */
  readonly sum: number;
}

const AT_A_TIME = 500;

async function measure(task: AsyncTask): Promise<AsyncMeasured> {
  const scope = scopeOf(task.variant);
  const { nanosecondsPerScope, sum } =
    'work' in task
      ? await inSequence(() => ASYNC_SCOPES[task.work](scope), task.milliseconds)
      : await atOnce(() => concurrentScopes(scope), task.concurrentRounds);
  return { nanosecondsPerScope, sum, peak: peakResident() ?? process.memoryUsage.rss() };
}

type Timed = Omit<AsyncMeasured, 'peak'>;

/** The first half of the time compiles; what is timed is the second. */
async function inSequence(work: () => ReturnType<AsyncWork>, milliseconds: number): Promise<Timed> {
  let sum = await work();
  const run = async (end: number): Promise<number> => {
    let scopes = 0;
    // Once at least: a process can be kept from running for longer than the time that it has.
    do {
      for (let i = 0; i < AT_A_TIME; i++) sum = await work();
      scopes += AT_A_TIME;
    } while (performance.now() < end);
    return scopes;
  };
  await run(performance.now() + milliseconds / 2);
  const start = performance.now();
  const scopes = await run(start + milliseconds / 2);
  const elapsed = performance.now() - start;
  return { nanosecondsPerScope: (elapsed * NANOSECONDS.perMillisecond) / scopes, sum };
}

async function atOnce(work: () => ReturnType<AsyncWork>, rounds: number): Promise<Timed> {
  const start = performance.now();
  let sum = 0;
  for (let round = 0; round < rounds; round++) sum = await work();
  const elapsed = performance.now() - start;
  return {
    nanosecondsPerScope: (elapsed * NANOSECONDS.perMillisecond) / (rounds * CONCURRENT),
    sum,
  };
}

answerTask(measure);
