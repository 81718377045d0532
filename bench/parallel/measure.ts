import { mtMediansWorkload } from '../../examples/parallel/medians.js';
import { mtParamSearchWorkload } from '../../examples/parallel/param-search.js';
import { OutputCheck } from '../../examples/support/output-check.js';
import type { Variant } from '../../examples/support/variant.js';
import type { Workload } from '../../examples/support/workload.js';
import { measureRun, roundsOf } from '../examples/measure.js';
import type { ExampleSizes, Settings } from '../settings.js';
import { inTurn } from '../support/in-turn.js';

/** The examples that have a multithreaded form, by the name of their workload. */
export const PARALLEL_EXAMPLES = ['medians', 'param-search'] as const;
export type ParallelExample = (typeof PARALLEL_EXAMPLES)[number];

/** How many worker threads are compared. */
export const THREADS = [1, 2] as const;
export type Threads = (typeof THREADS)[number];

/** Nanoseconds of each variant, round by round. */
export type Rounds = Readonly<Record<Variant | typeof AGAIN, number[]>>;

/** What plain workers do, once more in each round. */
export const AGAIN = 'plain again';

export interface Measured {
  readonly name: ParallelExample;
  readonly input: string;
  /** Of the results, which are the same in all variants, on any number of threads. */
  readonly sha256: string;
  readonly rounds: Readonly<Record<Threads, Rounds>>;
}

/** What a process is to measure. */
export interface ParallelTask {
  readonly name: ParallelExample;
  readonly settings: Settings;
}

const WORKLOADS: Readonly<
  Record<ParallelExample, (sizes: ExampleSizes, threads: Threads) => Workload>
> = {
  medians: ({ medians }, threads) => mtMediansWorkload(medians.count, medians.size, threads),
  'param-search': ({ search }, threads) =>
    mtParamSearchWorkload(search.steps, search.points, threads),
};

/** Every variant on every number of threads, in turn: only runs next to each other can be compared. */
export async function measure({ name, settings }: ParallelTask): Promise<Measured> {
  const workloads = THREADS.map((threads) => WORKLOADS[name](settings.examples, threads));
  const [first] = workloads as [Workload, Workload];
  const runs = THREADS.flatMap((threads, i) => {
    const ofWorkload = [...(workloads[i] as Workload).runs];
    const again = ofWorkload.flatMap(([variant, run]) =>
      variant === 'plain' ? [[AGAIN, run] as const] : [],
    );
    return [...ofWorkload, ...again].map(([variant, run]) => ({ threads, variant, run }));
  });
  const check = new OutputCheck();
  const rounds = { 1: noRounds(), 2: noRounds() };
  // To have the threads started and most of it compiled.
  for (const { variant, run } of runs) await measureRun(first, variant, run, check);
  // The search takes some 1,000 trials a thread until V8 inlines all of it: the first rounds tell of something else.
  const variants = name === 'param-search' ? undefined : runs.length;
  for (const round of roundsOf(name, settings.examples, variants)) {
    for (const { threads, variant, run } of inTurn(runs, round)) {
      rounds[threads][variant].push(await measureRun(first, variant, run, check));
    }
  }
  return { name, input: first.input, sha256: check.expected(first), rounds };
}

function noRounds(): Rounds {
  return { plain: [], collected: [], exit: [], 'hand-kept': [], [AGAIN]: [] };
}
