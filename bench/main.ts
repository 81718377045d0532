/**
 * `npm run bench`: what arenas save and cost against plain Node on this machine. `--json FILE` also
 * writes the figures, raw rounds included.
 */
import { writeFileSync } from 'node:fs';
import { reportFailure } from '../examples/support/failures.js';
import { parseCommandLine, type Request } from './command-line.js';
import { lossesOf } from './losses.js';
import { afterRun, describeMachine, formatMachine } from './machine.js';
import { FORMAT, type Results } from './results.js';
import type { SectionResult } from './section.js';
import { SECTIONS } from './sections.js';
import { formatLosses, formatTargets } from './summary.js';
import { withProgress } from './support/progress.js';
import { formatComparisons } from './tables.js';

const LEGEND =
  '×: times as good as the first variant in the same round; medians, in brackets the quartiles.';

async function main(request: Request): Promise<void> {
  const machine = describeMachine();
  console.log(`${formatMachine(machine)}\n`);

  const start = performance.now();
  const { comparisons, targets } = await runAll(request);
  const seconds = (performance.now() - start) / 1000;

  console.log(`${formatComparisons(comparisons)}\n\n${LEGEND}\n`);
  if (targets.length > 0) console.log(`${formatTargets(targets)}\n`);
  console.log(`${formatLosses(lossesOf(comparisons))}\n`);
  console.log(`Took ${seconds.toFixed(0)} s.`);

  if (request.json === undefined) return;
  const { profile } = request.settings;
  const results: Results = {
    format: FORMAT,
    runs: [{ machine: afterRun(machine), profile, seconds, comparisons, targets }],
  };
  writeFileSync(request.json, `${JSON.stringify(results, undefined, 1)}\n`);
}

function runAll({ sections, settings }: Request): Promise<SectionResult> {
  const total = sections.reduce((sum, section) => sum + section.steps(settings), 0);
  return withProgress(total, async (step) => {
    const results: SectionResult[] = [];
    for (const section of sections) {
      results.push(await section.run(settings, (what) => step(`${section.name}: ${what}`)));
    }
    return {
      comparisons: results.flatMap(({ comparisons }) => comparisons),
      targets: results.flatMap(({ targets }) => targets),
    };
  });
}

main(parseCommandLine(SECTIONS)).catch(reportFailure);
