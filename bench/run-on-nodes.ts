import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Request } from './command-line.js';
import { type Measured, type Run, readResults } from './results.js';
import { Interruption } from './support/interruption.js';

const INSTALLER = join(dirname(require.resolve('arena-pirate/package.json')), 'scripts/nodes.mjs');
// The one that runs.
const [, PROGRAM = ''] = process.argv;

/**
 * Runs the benchmark on several versions of Node, one after another, each of which prints what it gave. Of a version
 * that fails there is what it has written, and the exit code tells. A signal is passed on, and ends it. Ends the process
 * where a version cannot be had.
 */
export async function runOnNodes(majors: readonly string[], request: Request): Promise<Measured> {
  const executables = findExecutables(majors);
  const interruption = new Interruption();
  const folder = mkdtempSync(join(tmpdir(), 'arena-pirate-bench-'));
  const runs: Run[] = [];
  const missing: string[] = [];
  try {
    for (const [i, major] of majors.entries()) {
      const gave: Run[] = [];
      if (interruption.signal === undefined) {
        console.log(`\nNode ${major}, ${i + 1} of ${majors.length}\n`);
        const json = join(folder, `${i}.json`);
        gave.push(...(await runOn(executables[i] as string, json, request, interruption)));
      }
      runs.push(...gave);
      if (gave.length === 0) missing.push(major);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { signal } = interruption;
  return {
    runs,
    ...(missing.length === 0 ? {} : { missing }),
    ...(signal === undefined ? {} : { interrupted: signal }),
  };
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

async function runOn(
  executable: string,
  json: string,
  { sections, settings }: Request,
  interruption: Interruption,
): Promise<readonly Run[]> {
  const child = spawn(
    executable,
    [
      ...['--expose-gc', PROGRAM, '--json', json, '--no-report'],
      ...(settings.profile === 'standard' ? [] : [`--${settings.profile}`]),
      ...['--only', ...sections.map(({ name }) => name)],
    ],
    { stdio: 'inherit' },
  );
  interruption.came.then((signal) => child.kill(signal));
  const [status, signal] = await once(child, 'exit');
  if (status !== 0) {
    console.error(`${executable} ended with ${signal ?? status}: figures are missing`);
    process.exitCode = 1;
  }
  return existsSync(json) ? readResults(json).runs : [];
}
