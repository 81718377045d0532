import { stats } from 'arena-pirate';
import { collectGarbage } from './collect-garbage.js';
import { NothingCapturedError } from './failures.js';
import { GcLog } from './gc-log.js';
import { median } from './median.js';
import { OutputCheck } from './output-check.js';
import type { Begin } from './progress.js';
import type { Variant } from './variant.js';
import type { Sample, Workload } from './workload.js';

/** One variant of a workload, medians over the rounds. */
export interface Measurement {
  readonly milliseconds: number;
  /** Arrays that came from arenas. */
  readonly captured: number;
  /** Garbage collections; undefined for work on other threads, where nobody sees them. */
  readonly gcRuns: number | undefined;
}

export interface Comparison {
  readonly name: string;
  readonly input: string;
  /** Every run of every variant gave this. */
  readonly sha256: string;
  readonly measurements: ReadonlyMap<Variant, Measurement>;
}

export interface CompareOptions {
  readonly rounds: number;
  /**
   * What runs once in each variant before the rounds, plain first: tables that a library builds on first use
   * are then made outside all scopes, which `release: 'exit'` asks for.
   * @defaultValue the workload itself
   */
  readonly warmUp?: Workload;
  /** Called before each run, warm-up included. */
  readonly onRun?: Begin;
}

interface Run {
  readonly variant: Variant;
  readonly milliseconds: number;
  readonly captured: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** How many runs {@link compare} makes. */
export function runCount(workload: Workload, rounds: number): number {
  return workload.runs.size * (rounds + 1);
}

/**
 * Runs all variants in turn, round by round: clocks and neighbours on a shared machine change within seconds, so
 * only runs next to each other can be compared.
 *
 * @throws {DifferentOutputError} when a variant's output is not the plain one.
 */
export async function compare(workload: Workload, options: CompareOptions): Promise<Comparison> {
  const { rounds, warmUp = workload, onRun } = options;
  const check = new OutputCheck();
  for (const [variant, run] of warmUp.runs) {
    onRun?.(warmUp.name, variant);
    check.accept(warmUp, variant, (await run()).sha256);
  }

  const gcLog = new GcLog();
  const runs: Run[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [variant, run] of shuffled([...workload.runs], round)) {
      onRun?.(workload.name, variant);
      await collectGarbage();
      runs.push(await runOnce(workload, [variant, run], check));
    }
  }
  await gcLog.flush();
  gcLog.stop();

  const measurements = new Map<Variant, Measurement>();
  for (const variant of workload.runs.keys()) {
    const ownRuns = runs.filter((run) => run.variant === variant);
    measurements.set(variant, summarise(workload, ownRuns, gcLog));
  }
  const { name, input } = workload;
  return { name, input, sha256: check.expected(workload), measurements };
}

async function runOnce(
  workload: Workload,
  [variant, run]: readonly [Variant, () => Sample | Promise<Sample>],
  check: OutputCheck,
): Promise<Run> {
  const capturedBefore = stats().process.captured;
  const startedAt = performance.now();
  const { milliseconds, sha256 } = await run();
  const endedAt = performance.now();
  const captured = stats().process.captured - capturedBefore;
  check.accept(workload, variant, sha256);
  if (captured === 0 && (variant === 'collected' || variant === 'exit')) {
    throw new NothingCapturedError(workload.name, variant);
  }
  return { variant, milliseconds, captured, startedAt, endedAt };
}

function summarise({ threads }: Workload, runs: readonly Run[], gcLog: GcLog): Measurement {
  return {
    milliseconds: median(runs.map((run) => run.milliseconds)),
    captured: median(runs.map((run) => run.captured)),
    gcRuns:
      threads === undefined
        ? median(runs.map((run) => gcLog.countBetween(run.startedAt, run.endedAt)))
        : undefined,
  };
}

/** Rotates, and from time to time turns round: each variant comes at each place and after each other one. */
function shuffled<T>(items: readonly T[], round: number): T[] {
  const start = round % items.length;
  const order = [...items.slice(start), ...items.slice(0, start)];
  return Math.floor(round / items.length) % 2 === 0 ? order : order.reverse();
}
