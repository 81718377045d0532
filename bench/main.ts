/** `npm run bench`: what arenas save and cost against plain Node on this machine, as tables, JSON and a page. */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { reportFailure } from '../examples/support/failures.js';
import { parseCommandLine, type Request } from './command-line.js';
import { renderPage } from './report/page.js';
import { FORMAT, type Results } from './results.js';
import { runHere } from './run-here.js';
import { runOnNodes } from './run-on-nodes.js';
import { SECTIONS } from './sections.js';

async function main(request: Request): Promise<void> {
  const { nodes, json, report } = request;
  const runs = nodes === undefined ? [await runHere(request)] : runOnNodes(nodes, request);
  if (runs.length === 0) return;
  const results: Results = { format: FORMAT, runs };
  if (json !== undefined) write(json, `${JSON.stringify(results, undefined, 1)}\n`);
  if (report !== undefined) write(report, renderPage(results));
}

function write(file: string, text: string): void {
  writeFileSync(file, text);
  console.log(`Wrote ${relative('', file)}`);
}

main(parseCommandLine(SECTIONS)).catch(reportFailure);
