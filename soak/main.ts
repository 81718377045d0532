/**
 * `npm run soak -- --minutes N`: scopes of both kinds around libraries, workers, messages, timers and
 * Node's own APIs, with a check of every value. Draws resident memory and slabs over time; ends with
 * exit status 1 on a wrong byte and on growth.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import cliProgress from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import { randomNumbers } from '../examples/support/random.js';
import { drawChart } from './chart.js';
import { type Growth, judgeGrowth, SHORTEST_SECONDS } from './growth.js';
import { type Outcome, soak } from './soak.js';

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly svg: string;
  readonly corrupt?: true;
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

async function run({ minutes, seed, corrupt }: Options): Promise<Outcome> {
  const bar = new cliProgress.SingleBar(
    {
      format:
        '{bar} {percentage}% | {checks} checks, {resident} MiB resident | {duration_formatted}',
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(minutes * 60, 0, { checks: 0, resident: 0 });
  try {
    return await soak({
      milliseconds: minutes * 60_000,
      random: randomNumbers(seed),
      corrupt: corrupt ?? false,
      onSample: ({ seconds, residentMiB }, checks) =>
        bar.update(Math.min(seconds, minutes * 60), { checks, resident: residentMiB.toFixed(0) }),
    });
  } finally {
    bar.stop();
  }
}

function formatGrowth({ what, early, late, limit, grows }: Growth): string {
  const figures = `${early.toFixed(0)} in the second quarter, ${late.toFixed(0)} in the last`;
  return `${what}: ${figures} (at most ${limit.toFixed(0)}): ${grows ? 'GROWS' : 'flat'}`;
}

async function main(options: Options): Promise<void> {
  const title = `arena-pirate, Node ${process.versions.node}, seed ${options.seed}`;
  console.log(`${title}, ${options.minutes} minutes`);
  const { samples, runs, checks, wrong } = await run(options);

  console.log([...runs].map(([name, count]) => `${count} ${name}`).join(', '));
  console.log(`${checks} checks, ${wrong.size === 0 ? 'nothing wrong' : 'WRONG:'}`);
  for (const [what, count] of wrong) console.log(`  ${what} (${count} times)`);

  const svg = resolve(options.svg);
  mkdirSync(dirname(svg), { recursive: true });
  writeFileSync(svg, drawChart(samples, title));
  console.log(`Chart: ${svg}`);

  const growths = judgeGrowth(samples);
  const judged = (samples.at(-1)?.seconds ?? 0) >= SHORTEST_SECONDS;
  if (judged) for (const growth of growths) console.log(formatGrowth(growth));
  else console.log(`Growth is judged in runs of ${SHORTEST_SECONDS} seconds or more.`);
  if (wrong.size > 0 || (judged && growths.some(({ grows }) => grows))) process.exitCode = 1;
}

new Command('npm run soak --')
  .description('Runs arenas under a mixed load, checks every value and watches memory.')
  .option('--minutes <n>', 'how long', positive, 10)
  .option('--seed <n>', 'what the choices follow from', positive, Math.ceil(Math.random() * 1e9))
  .option('--svg <file>', 'where the chart goes', 'out/soak/soak.svg')
  .addOption(new Option('--corrupt', 'overwrite a byte, to see that it is noticed').hideHelp())
  .action(main)
  .parseAsync();
