import type { Command } from 'commander';
import pico from 'picocolors';
import { ArenaError } from '../errors.js';
import { integer } from './options.js';

interface ThreadsOptions {
  readonly pin?: string;
  readonly node?: number;
  readonly threads?: number;
}

/** Adds `threads`, which draws the machine and where threads are or would be. */
export function addThreadsCommand(program: Command): void {
  program
    .command('threads')
    .description('draw sockets, NUMA nodes and cores, and the threads on them')
    .option(
      '--pin <strategy>',
      "where threads would be pinned: numa, cores, 'numa(1)', 'S0:0-3', …",
    )
    .option('--threads <count>', 'how many threads would be pinned (default: 1)', integer(1))
    .option('--node <id>', 'the only NUMA node they would be pinned on', integer(0))
    .action(printThreads);
}

async function printThreads({ pin, node, threads }: ThreadsOptions): Promise<void> {
  if (pin === undefined && (node !== undefined || threads !== undefined)) {
    throw new ArenaError(
      'ERR_ARENA_INVALID_OPTION',
      'Expected --pin with --threads and --node but received none',
    );
  }
  const { isTTY, columns } = process.stdout;
  const colors = pico.isColorSupported && (isTTY || Boolean(process.env.FORCE_COLOR));
  // Neither the addon nor a mistake in the environment may be in the way of the other commands.
  const { formatThreadInfo } = await import('../thread-info/format.js');
  const info =
    pin === undefined
      ? (await import('../index.js')).threadInfo()
      : (await import('./plan.js')).plannedThreads(pin, node, threads ?? 1);
  process.stdout.write(formatThreadInfo(info, { colors, ...(columns ? { columns } : {}) }));
}
