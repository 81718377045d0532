import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Request } from './command-line.js';
import { type Run, readResults } from './results.js';

const INSTALLER = join(dirname(require.resolve('arena-pirate/package.json')), 'scripts/nodes.mjs');
const PROGRAM = require.resolve('./main.js');

/**
 * Runs the benchmark on several versions of Node, one after another, each of which prints what it gave. A version
 * that fails is left out, and the exit code tells. Ends the process where a version cannot be had.
 */
export function runOnNodes(majors: readonly string[], request: Request): Run[] {
  const executables = findExecutables(majors);
  const folder = mkdtempSync(join(tmpdir(), 'arena-pirate-bench-'));
  try {
    return executables.flatMap((executable, i) => {
      console.log(`\nNode ${majors[i]}, ${i + 1} of ${majors.length}\n`);
      return runOn(executable, join(folder, `${i}.json`), request);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function findExecutables(majors: readonly string[]): string[] {
  const { status, stdout } = spawnSync(process.execPath, [INSTALLER, majors.join(',')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // It has said what is wrong.
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(stdout) as string[];
}

function runOn(executable: string, json: string, { sections, settings }: Request): Run[] {
  const { status, signal } = spawnSync(
    executable,
    [
      ...['--expose-gc', PROGRAM, '--json', json, '--no-report'],
      ...(settings.profile === 'standard' ? [] : [`--${settings.profile}`]),
      ...['--only', ...sections.map(({ name }) => name)],
    ],
    { stdio: 'inherit' },
  );
  if (status === 0) return [...readResults(json).runs];
  console.error(`${executable} ended with ${signal ?? status}: its figures are missing`);
  process.exitCode = 1;
  return [];
}
