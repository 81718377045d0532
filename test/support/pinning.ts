import { spawnSync } from 'node:child_process';
import { readTopology } from 'arena-pirate';
import { describe } from 'vitest';

/** Ids of the cpus that this process may use. */
export const usableCpus = readTopology()
  .cpus.filter((cpu) => cpu.usable)
  .map((cpu) => cpu.id);

const why =
  process.platform !== 'linux'
    ? 'only Linux pins threads'
    : usableCpus.length < 2
      ? 'one cpu is no choice'
      : undefined;

/** As `describe`, for tests that need Linux and two cpus. */
export function describePinning(name: string, tests: () => void): void {
  describe.skipIf(why !== undefined)(why === undefined ? name : `${name} (skipped: ${why})`, tests);
}

/** Whether a command is there and works. */
export function works(command: readonly string[]): boolean {
  const [file, ...args] = command as [string, ...string[]];
  return spawnSync(file, args).status === 0;
}
