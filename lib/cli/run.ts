import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { foregroundChild } from 'foreground-child';
import { ArenaError } from '../errors.js';
import { integer } from './options.js';
import { packageRoot } from './package-root.js';

interface RunOptions {
  readonly pin?: string;
  readonly node?: number;
  readonly threads?: string;
}

/** Adds `run`, which starts a program that is served by arenas and pinned without knowing of them. */
export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('run a Node program with arena-pirate registered, and its threads pinned')
    .usage('[options] program [argument...]')
    .option('--pin <strategy>', "where its threads are pinned: numa, cores, 'numa(1)', 'S0:0-3', …")
    .option('--node <id>', 'the only NUMA node that they are pinned on', integer(0))
    .addOption(
      new Option('--threads <which>', "whether V8's and libuv's threads are placed, too").choices([
        'javascript',
        'all',
      ]),
    )
    .argument('<program...>', 'the program and its arguments; options of node after --')
    .passThroughOptions()
    .action(run);
}

async function run(args: string[], { pin, node, threads }: RunOptions): Promise<void> {
  if (pin === undefined && (node !== undefined || threads !== undefined)) {
    throw new ArenaError(
      'ERR_ARENA_INVALID_OPTION',
      'Expected --pin with --node and --threads but received none',
    );
  }
  const env = { ...process.env };
  if (pin !== undefined) {
    // So that a mistake is told before the program starts.
    const { checkPlan } = await import('./plan.js');
    checkPlan(pin, node);
    env.ARENA_PIRATE_PIN = pin;
    if (node !== undefined) env.ARENA_PIRATE_PIN_NODE = String(node);
    if (threads !== undefined) env.ARENA_PIRATE_PIN_THREADS = threads;
  }
  const register = join(packageRoot, 'dist/register.js');
  foregroundChild(process.execPath, ['--require', register, ...args], { env });
}
