import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Request } from './command-line.js';
import { renderPage } from './report/page.js';
import { FORMAT, gapsIn, type Results } from './results.js';
import { runHere } from './run-here.js';
import { runOnNodes } from './run-on-nodes.js';
import { exitCodeFor } from './support/interruption.js';

/**
 * Measures, prints, and writes the files that are asked for, as far as sections have finished. Ends the process where a
 * section failed or a signal came, with what then still runs.
 */
export async function bench(request: Request): Promise<void> {
  const { nodes } = request;
  const { runs, missing, interrupted } = await (nodes === undefined
    ? runHere(request)
    : runOnNodes(nodes, request));
  if (runs.length > 0) {
    const results: Results = {
      format: FORMAT,
      runs,
      ...(missing === undefined ? {} : { missing }),
    };
    const isWhole = missing === undefined && runs.every((run) => gapsIn(run).length === 0);
    const { json, report } = isWhole ? request : request.ifPartial;
    if (json !== undefined) write(json, `${JSON.stringify(results, undefined, 1)}\n`);
    if (report !== undefined) write(report, renderPage(results));
  }
  if (interrupted !== undefined) process.exit(exitCodeFor(interrupted));
  // Processes that a failed section has left behind would keep this one waiting.
  if (process.exitCode !== undefined) process.exit();
}

function write(file: string, text: string): void {
  writeFileSync(file, text);
  console.log(`Wrote ${relative('', file)}`);
}
