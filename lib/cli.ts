#!/usr/bin/env node
// Must not load the addon: `arena-pirate build` is the repair for an addon that is not there.
import { Command, CommanderError } from 'commander';
import { addBuildCommand } from './cli/build.js';
import { packageVersion } from './cli/package-root.js';
import { addRunCommand } from './cli/run.js';
import { addThreadsCommand } from './cli/threads.js';
import { ArenaError } from './errors.js';

/** Exit code for a command line that cannot be understood, as shells and POSIX tools use it. */
const EXIT_USAGE = 2;

const program = new Command('arena-pirate')
  .description('Arena memory for Node.js: build and inspect the package')
  .version(packageVersion())
  .enablePositionalOptions()
  .exitOverride();

addBuildCommand(program);
addRunCommand(program);
addThreadsCommand(program);

program.parseAsync().catch((error: unknown) => {
  if (error instanceof ArenaError) {
    console.error(`error: ${error.message}`);
    process.exitCode = error.code.startsWith('ERR_ARENA_INVALID') ? EXIT_USAGE : 1;
    return;
  }
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed its message already; it throws for --help and --version too, with 0.
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
});
