import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { packageRoot } from './package-root.js';

/** Adds `build`, which compiles the native part where no install script could. */
export function addBuildCommand(program: Command): void {
  program
    .command('build')
    .description('compile the native part; needed once where install scripts are blocked')
    .action(build);
}

function build(): void {
  const script = join(packageRoot, 'scripts/build-native.cjs');
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
