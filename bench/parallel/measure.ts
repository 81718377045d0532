import { mtMediansWorkload } from '../../examples/parallel/medians.js';
import { mtParamSearchWorkload } from '../../examples/parallel/param-search.js';
import { collectGarbage } from '../../examples/support/collect-garbage.js';
import { OutputCheck } from '../../examples/support/output-check.js';
import type { Workload } from '../../examples/support/workload.js';
import type { ExampleSizes, Settings } from '../settings.js';
import { inTurn } from '../support/in-turn.js';
import { type Measured, type Milliseconds, THREADS, type Threads } from './row.js';

/** The examples that have a multithreaded form, by the name of their workload. */
export const PARALLEL_EXAMPLES = ['medians', 'param-search'] as const;
export type ParallelExample = (typeof PARALLEL_EXAMPLES)[number];

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
  const runs = THREADS.flatMap((threads, i) =>
    [...(workloads[i] as Workload).runs].map(([variant, run]) => ({ threads, variant, run })),
  );
  const check = new OutputCheck();
  const milliseconds = { 1: noTimes(), 2: noTimes() };
  // Round -1 starts the threads and compiles everything.
  for (let round = -1; round < settings.exampleRounds; round++) {
    for (const { threads, variant, run } of round < 0 ? runs : inTurn(runs, round)) {
      await collectGarbage();
      // The run before the one that counts leaves the threads garbage of the variant's own.
      await run();
      const sample = await run();
      check.accept(first, variant, sample.sha256);
      if (round >= 0) milliseconds[threads][variant].push(sample.milliseconds);
    }
  }
  return { name, input: first.input, sha256: check.expected(first), milliseconds };
}

function noTimes(): Milliseconds {
  return { plain: [], collected: [], exit: [], 'hand-kept': [] };
}
