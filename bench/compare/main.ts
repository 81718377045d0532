/** `npm run bench:compare A.json B.json`: what changed from A to B beyond the noise. */
import { Command, InvalidArgumentError } from 'commander';
import { reportFailure } from '../../examples/support/failures.js';
import { EXIT_USAGE, exitOnMisuse } from '../command-line.js';
import { BadResultsError, readResults } from '../results.js';
import { changesOf } from './change.js';
import { LEAST_CONTROLS, regressionsOf, SHARE, sidesOf } from './controls.js';
import { formatChanges } from './format.js';
import { majorOf, matchComparisons, matchRuns } from './match.js';
import { notesOn, notesOnFiles } from './notes.js';

interface Options {
  readonly least: number;
  readonly failOnRegression?: true;
}

const EXIT_REGRESSION = 1;

function percentage(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value / 100;
  throw new InvalidArgumentError('Expected a percentage of 0 or more.');
}

function compare(before: string, after: string, { least, failOnRegression }: Options): void {
  const [was, is] = [readResults(before), readResults(after)];
  const pairs = matchRuns(was, is);
  if (pairs.length === 0) {
    const versions = [was, is].map(({ runs }) => runs.map(majorOf).join(', '));
    throw new BadResultsError(
      `Expected runs of the same version of Node but received ${versions.join(' and ')}`,
    );
  }
  const compared = pairs.map((pair) => {
    const matched = matchComparisons(pair);
    const changes = matched.pairs.flatMap(([old, current]) => changesOf(old, current, least));
    return { pair, matched, changes };
  });
  const all = compared.flatMap(({ changes }) => changes);
  for (const note of notesOnFiles(all, was, is)) console.log(`${note}\n`);
  for (const { pair, matched, changes } of compared) {
    console.log(`Node ${pair.after.machine.node}`);
    for (const note of notesOn(pair)) console.log(`Note: ${note}`);
    console.log(`${formatChanges(changes, matched, least)}\n`);
  }
  const regressed = compared.some(({ changes }) => regressionsOf(sidesOf(changes)).length > 0);
  if (failOnRegression && regressed) process.exitCode = EXIT_REGRESSION;
}

const command = new Command('npm run bench:compare --')
  .description(
    'Says what changed between two results of npm run bench: of each variant, how many times as good as its baseline.',
  )
  .argument('<before>', 'JSON file of the first')
  .argument('<after>', 'JSON file of the second')
  .option('--least <percent>', 'the smallest change that is told', percentage, 0.05)
  .option(
    '--fail-on-regression',
    'exit with 1 where a variant of ours got worse by more than what is not ours changes by chance: ' +
      `than ${SHARE * 100}% of the variants without arena-pirate, and than those of its row; ` +
      `by whatever where there are fewer than ${LEAST_CONTROLS}`,
  )
  .action(compare);

try {
  exitOnMisuse(command).parse();
} catch (error) {
  if (error instanceof BadResultsError) {
    console.error(`bench:compare: ${error.message}`);
    process.exitCode = EXIT_USAGE;
  } else {
    reportFailure(error);
  }
}
