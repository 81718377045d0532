// npm run fuzz: random programs, once in plain Node and once in arenas, must answer the same.
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import { Campaign } from './campaign.js';
import { describeDifference } from './difference.js';

const BATCH = 500;
// How often a log says how far it is.
const LOG_INTERVAL = 30_000;

function integer(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected an integer of 1 or more.');
}

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly minutes?: number;
}

async function main({ runs, seed, minutes }: Options): Promise<void> {
  console.log(`Node ${process.versions.node}, seed ${seed}`);
  const start = performance.now();
  const end = minutes === undefined ? Number.POSITIVE_INFINITY : start + minutes * 60_000;
  const bar = new SingleBar({ format: '{bar} {value}/{total} programs, {eta_formatted} left' });
  if (process.stderr.isTTY) bar.start(runs, 0);
  const campaign = new Campaign();
  let programs = 0;
  const logging = setInterval(() => {
    if (!process.stderr.isTTY) console.log(`${programs} programs so far`);
  }, LOG_INTERVAL).unref();
  for (let batch = 0; programs < runs && performance.now() < end; batch++) {
    const size = Math.min(BATCH, runs - programs);
    const result = await campaign.batch(seed + batch, size);
    programs += result.programs;
    bar.update(Math.min(programs, runs));
    if (result.difference === undefined) continue;
    bar.stop();
    console.log(describeDifference(result.difference));
    console.log(`Again: npm run fuzz -- --seed ${seed + batch} --runs ${size}`);
    process.exitCode = 1;
    break;
  }
  bar.stop();
  clearInterval(logging);
  const seconds = Math.round((performance.now() - start) / 1000);
  const { captured } = campaign;
  console.log(`${programs} programs, ${captured} arrays from arenas, ${seconds} s`);
  campaign.close();
}

new Command('npm run fuzz --')
  .description('Compares random programs in arenas with plain Node.')
  .option('--runs <n>', 'how many programs', integer, 100_000)
  .option('--seed <n>', 'what they follow from', integer, Math.floor(Math.random() * 2 ** 31) + 1)
  .option('--minutes <n>', 'stop after so long', integer)
  .action(main)
  .parseAsync();
