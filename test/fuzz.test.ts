// Some of what `npm run fuzz` does for longer.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot, run } from './support/run.js';

const PROGRAM = join(packageRoot, 'out/fuzz/main.js');
const PROGRAMS = 2000;
// Ten seconds where nothing else runs.
const TIMEOUT = 240_000;

describe('npm run fuzz', () => {
  it('finds no program that arenas answer otherwise than plain Node', { timeout: TIMEOUT }, () => {
    const { status, stdout, stderr } = run(process.execPath, [PROGRAM, '--runs', `${PROGRAMS}`]);
    expect(status, stdout + stderr).toBe(0);
    const [, programs, captured] = /(\d+) programs, (\d+) arrays from arenas/.exec(stdout) ?? [];
    expect(Number(programs)).toBe(PROGRAMS);
    expect(Number(captured)).toBeGreaterThan(PROGRAMS);
  });

  it('shrinks a difference to a program that shows it', { timeout: TIMEOUT }, () => {
    const broken = ['--require', join(packageRoot, 'test/support/broken-at.cjs')];
    const args = [...broken, PROGRAM, '--runs', '2000', '--seed', '5'];
    const { status, stdout } = run(process.execPath, args);
    expect(status).toBe(1);
    expect(stdout).toContain("require('./out/fuzz/reproduce.js').reproduce('");
    expect(stdout).toMatch(/step\(\(\) => .*\.at\(/);
    expect(stdout.match(/step\(/g)?.length).toBeLessThan(8);
    expect(stdout).toMatch(/Again: npm run fuzz -- --seed \d+ --runs 500/);
  });
});
