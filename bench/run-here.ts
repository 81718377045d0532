import type { Request } from './command-line.js';
import type { Comparison } from './comparison.js';
import { lossesOf, rivalryOf } from './losses.js';
import { afterRun, describeMachine, formatCalm, formatMachine } from './machine.js';
import type { Run } from './results.js';
import type { SectionResult } from './section.js';
import { formatLosses, formatRivalry, formatTargets } from './summary.js';
import { type Calm, CalmWatch } from './support/calm.js';
import { withProgress } from './support/progress.js';
import { formatComparisons } from './tables.js';

const LEGEND =
  '×: times as good as the first variant in the same round; medians, in brackets the quartiles.';

/** Runs the sections on the running Node, and prints what they gave. */
export async function runHere(request: Request): Promise<Run> {
  const machine = describeMachine();
  console.log(`${formatMachine(machine)}\n`);

  const start = performance.now();
  const { comparisons, targets, calm } = await runAll(request);
  const seconds = (performance.now() - start) / 1000;

  console.log(`${formatComparisons(comparisons)}\n\n${LEGEND}\n`);
  if (targets.length > 0) console.log(`${formatTargets(targets)}\n`);
  console.log(`${formatLosses(lossesOf(comparisons))}\n`);
  const rivalry = rivalryOf(comparisons);
  if (rivalry.contested > 0) console.log(`${formatRivalry(rivalry)}\n`);
  console.log(`Took ${seconds.toFixed(0)} s. ${formatCalm(calm)}`);

  const { profile } = request.settings;
  return { machine: afterRun(machine, calm), profile, seconds, comparisons, targets };
}

function runAll({ sections, settings }: Request): Promise<SectionResult & { readonly calm: Calm }> {
  const watch = new CalmWatch(settings.patienceMilliseconds);
  const total = sections.reduce((sum, section) => sum + section.steps(settings), 0);
  return withProgress(total, async (step) => {
    const results: SectionResult[] = [];
    for (const section of sections) {
      const begun = performance.now();
      const begin = (what: string) => {
        step(`${section.name}: ${what}`);
        watch.settle();
      };
      results.push(await section.run(settings, begin));
      tellDone(section.name, performance.now() - begun);
    }
    const comparisons = results.flatMap((result) => result.comparisons);
    requireNumbers(comparisons);
    return {
      comparisons,
      targets: results.flatMap(({ targets }) => targets),
      calm: watch.result,
    };
  });
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
