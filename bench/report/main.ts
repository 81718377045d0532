/** `npm run bench:report -- FILE.json`: makes the page again from figures that were measured before. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { reportFailure } from '../../examples/support/failures.js';
import { EXIT_USAGE, exitOnMisuse, writable } from '../command-line.js';
import { BadResultsError, readResults } from '../results.js';
import { renderPage } from './page.js';

const command = new Command('npm run bench:report --')
  .description('Draws the figures of npm run bench as one HTML page.')
  .argument('<file>', 'what npm run bench -- --json has written')
  .option('--out <file>', 'the page', writable, 'report.html')
  .action((file: string, { out }: { out: string }) => {
    writeFileSync(out, renderPage(readResults(file)));
    console.log(`Wrote ${out}`);
  });

try {
  exitOnMisuse(command).parse();
} catch (error) {
  if (error instanceof BadResultsError) {
    console.error(`bench:report: ${error.message}`);
    process.exitCode = EXIT_USAGE;
  } else {
    reportFailure(error);
  }
}
