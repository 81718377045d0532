import { setTimeout } from 'node:timers/promises';
import { reportFailure } from '../examples/support/failures.js';
import type { Request } from './command-line.js';
import type { Comparison } from './comparison.js';
import { lossesOf, rivalryOf } from './losses.js';
import { afterRun, describeMachine, formatCalm, formatMachine } from './machine.js';
import { type Failure, gapsIn, type Measured, type Run } from './results.js';
import type { Section, SectionResult, Step, Target } from './section.js';
import type { Settings } from './settings.js';
import { formatLosses, formatRivalry, formatTargets } from './summary.js';
import { type Calm, CalmWatch } from './support/calm.js';
import { Interruption } from './support/interruption.js';
import { withProgress } from './support/progress.js';
import { formatComparisons } from './tables.js';

const LEGEND =
  '×: times as good as the first variant in the same round; medians, in brackets the quartiles.';

// A child that the same signal has ended may be heard of before the signal.
const MILLISECONDS_FOR_SIGNALS = 100;

/** Runs the sections on the running Node, and prints what they gave: those that finished, if not all did. */
export async function runHere(request: Request): Promise<Measured> {
  const interruption = new Interruption();
  const machine = describeMachine();
  console.log(`${formatMachine(machine)}\n`);

  const start = performance.now();
  const { results, calm, ...gaps } = await runAll(request, interruption);
  const seconds = (performance.now() - start) / 1000;
  const comparisons = results.flatMap((result) => result.comparisons);
  const targets = results.flatMap((result) => result.targets);

  if (comparisons.length > 0) tell(comparisons, targets);
  console.log(`Took ${seconds.toFixed(0)} s. ${formatCalm(calm)}`);
  for (const gap of gapsIn(gaps)) console.error(gap);

  const { profile } = request.settings;
  const run = { machine: afterRun(machine, calm), profile, seconds, comparisons, targets, ...gaps };
  return { runs: comparisons.length > 0 ? [run] : [], ...gaps };
}

function tell(comparisons: readonly Comparison[], targets: readonly Target[]): void {
  console.log(`${formatComparisons(comparisons)}\n\n${LEGEND}\n`);
  if (targets.length > 0) console.log(`${formatTargets(targets)}\n`);
  console.log(`${formatLosses(lossesOf(comparisons))}\n`);
  const rivalry = rivalryOf(comparisons);
  if (rivalry.contested > 0) console.log(`${formatRivalry(rivalry)}\n`);
}

interface AllResults extends Pick<Run, 'failed' | 'interrupted'> {
  readonly results: readonly SectionResult[];
  readonly calm: Calm;
}

/** Goes on with the next section where one fails; stops where a signal comes, whatever then still runs. */
function runAll({ sections, settings }: Request, interruption: Interruption): Promise<AllResults> {
  const watch = new CalmWatch(settings.patienceMilliseconds);
  const total = sections.reduce((sum, section) => sum + section.steps(settings), 0);
  return withProgress(total, async (step, aside) => {
    const results: SectionResult[] = [];
    const failed: Failure[] = [];
    for (const section of sections) {
      const begun = performance.now();
      const begin = (what: string) => {
        step(`${section.name}: ${what}`);
        watch.settle();
      };
      const outcome = await Promise.race([outcomeOf(section, settings, begin), interruption.came]);
      if (typeof outcome === 'string' || interruption.signal !== undefined) break;
      if ('error' in outcome) {
        aside(() => {
          console.error(`${section.name} failed:`);
          reportFailure(outcome.error);
        });
        failed.push({ section: section.name, message: messageOf(outcome.error) });
      } else {
        results.push(outcome);
        tellDone(section.name, performance.now() - begun);
      }
    }
    const { signal } = interruption;
    return {
      results,
      calm: watch.result,
      ...(failed.length === 0 ? {} : { failed }),
      ...(signal === undefined ? {} : { interrupted: signal }),
    };
  });
}

/** Never rejects: it may be that nobody waits for it any more. */
async function outcomeOf(
  section: Section,
  settings: Settings,
  step: Step,
): Promise<SectionResult | { readonly error: unknown }> {
  try {
    const result = await section.run(settings, step);
    requireNumbers(result.comparisons);
    return result;
  } catch (error) {
    await setTimeout(MILLISECONDS_FOR_SIGNALS);
    return { error };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is no number in a process that was asked comes from it as null. @throws Error that names the row */
function requireNumbers(comparisons: readonly Comparison[]): void {
  for (const { section, group, name, rounds } of comparisons) {
    for (const [variant, values] of Object.entries(rounds)) {
      if (values.every((value) => typeof value === 'number')) continue;
      throw new Error(`${section}: ${group}: ${name}: '${variant}' gave ${JSON.stringify(values)}`);
    }
  }
}

/** Where there is no bar: a log shows how far the run has come. */
function tellDone(section: string, milliseconds: number): void {
  if (!process.stderr.isTTY) console.error(`${section}: ${(milliseconds / 1000).toFixed(0)} s`);
}
