import { collectedRangeWorkload } from '../../examples/collected-range.js';
import { mediansWorkload } from '../../examples/medians.js';
import { paramSearchWorkload } from '../../examples/param-search.js';
import { collectGarbage } from '../../examples/support/collect-garbage.js';
import { OutputCheck } from '../../examples/support/output-check.js';
import type { Variant } from '../../examples/support/variant.js';
import type { Sample, Workload } from '../../examples/support/workload.js';
import type { ExampleSizes, Settings } from '../settings.js';
import { inTurn } from '../support/in-turn.js';
import { roundsWithin } from '../support/rounds-within.js';
import { NANOSECONDS } from '../support/units.js';

/** The ported examples, by the name of their workload. */
export const EXAMPLES = ['collected range', 'medians', 'param-search'] as const;
export type Example = (typeof EXAMPLES)[number];

/** Nanoseconds of each variant, round by round. */
export type Rounds = Readonly<Record<Variant, number[]>>;

/** What a process is to measure. */
export interface ExampleTask {
  readonly name: Example;
  readonly settings: Settings;
}

export interface Measured {
  readonly name: Example;
  readonly input: string;
  /** Of the results, which are the same in all variants. */
  readonly sha256: string;
  readonly rounds: Rounds;
}

const ROUNDS: Readonly<Record<Example, (sizes: ExampleSizes) => number>> = {
  'collected range': ({ range }) => range.rounds,
  medians: ({ medians }) => medians.rounds,
  'param-search': ({ search }) => search.rounds,
};

/**
 * The rounds of an example.
 *
 * @param variants - that run in each, if there may be fewer rounds where they take long
 */
export function roundsOf(
  name: Example,
  sizes: ExampleSizes,
  variants = Number.POSITIVE_INFINITY,
): Generator<number> {
  const { millisecondsPerVariant = Number.POSITIVE_INFINITY } = sizes;
  return roundsWithin(ROUNDS[name](sizes), millisecondsPerVariant * variants);
}

/** @returns the nanoseconds of one run */
export async function measureRun(
  workload: Workload,
  variant: string,
  run: () => Sample | Promise<Sample>,
  check: OutputCheck,
): Promise<number> {
  // The run before the one that counts has V8 compile again what the collection has dropped,
  // and leaves garbage of the variant's own to pay for, on each thread that there is.
  await collectGarbage();
  await run();
  const sample = await run();
  check.accept(workload, variant, sample.sha256);
  return sample.milliseconds * NANOSECONDS.perMillisecond;
}

/** The examples by their names. */
export const EXAMPLE_WORKLOADS: Readonly<Record<Example, (sizes: ExampleSizes) => Workload>> = {
  'collected range': ({ range }) => collectedRangeWorkload(range.n, range.repeats),
  medians: ({ medians }) => mediansWorkload(medians.count, medians.size),
  'param-search': ({ search }) => paramSearchWorkload(search.steps, search.points),
};

export async function measure({ name, settings }: ExampleTask): Promise<Measured> {
  const workload = EXAMPLE_WORKLOADS[name](settings.examples);
  const runs = [...workload.runs];
  const check = new OutputCheck();
  const rounds: Rounds = { plain: [], collected: [], exit: [], 'hand-kept': [] };
  // To have everything compiled.
  for (const [variant, run] of runs) await measureRun(workload, variant, run, check);
  for (const round of roundsOf(name, settings.examples, runs.length)) {
    for (const [variant, run] of inTurn(runs, round)) {
      rounds[variant].push(await measureRun(workload, variant, run, check));
    }
  }
  return { name, input: workload.input, sha256: check.expected(workload), rounds };
}
