/**
 * `npm run bench`: what arenas save and cost against plain Node on this machine. `--json FILE` also
 * writes the figures, raw rounds included.
 */
import { writeFileSync } from 'node:fs';
import { reportFailure } from '../examples/support/failures.js';
import { allocation } from './allocation/section.js';
import { parseCommandLine, type Request } from './command-line.js';
import { examples } from './examples/section.js';
import { describeMachine, formatMachine } from './machine.js';
import { memory } from './memory/section.js';
import { outside } from './outside/section.js';
import { parallel } from './parallel/section.js';
import { scopes } from './scopes/section.js';
import type { Section, SectionResult } from './section.js';
import { formatLosses, formatTargets } from './summary.js';
import { withProgress } from './support/progress.js';

const SECTIONS: readonly Section[] = [allocation, examples, parallel, outside, scopes, memory];

async function main(request: Request): Promise<void> {
  const { settings, json } = request;
  const machine = describeMachine();
  console.log(`${formatMachine(machine)}\n`);

  const start = performance.now();
  const results = await runAll(request);
  const seconds = (performance.now() - start) / 1000;

  const targets = [...results.values()].flatMap((result) => result.targets);
  const losses = [...results.values()].flatMap((result) => result.losses);
  for (const { text } of results.values()) console.log(`${text}\n`);
  if (targets.length > 0) console.log(`${formatTargets(targets)}\n`);
  console.log(`${formatLosses(losses)}\n`);
  console.log(`Took ${seconds.toFixed(0)} s.`);

  if (json === undefined) return;
  const sections = Object.fromEntries([...results].map(([name, { rows }]) => [name, rows]));
  const figures = { machine, settings, seconds, targets, losses, sections };
  writeFileSync(json, `${JSON.stringify(figures, undefined, 1)}\n`);
}

function runAll({ sections, settings }: Request): Promise<Map<string, SectionResult>> {
  const total = sections.reduce((sum, section) => sum + section.steps(settings), 0);
  return withProgress(total, async (step) => {
    const results = new Map<string, SectionResult>();
    for (const section of sections) {
      results.set(
        section.name,
        await section.run(settings, (what) => step(`${section.name}: ${what}`)),
      );
    }
    return results;
  });
}

main(parseCommandLine(SECTIONS)).catch(reportFailure);
