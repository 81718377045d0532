import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeGrowth } from '../soak/growth.js';
import { runChild } from './support/child.js';
import { packageRoot } from './support/run.js';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'arena-pirate-soak-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const soak = (...args: string[]) =>
  runChild([process.execPath, join(packageRoot, 'out/soak/main.js'), ...args]);

describe('npm run soak', () => {
  it('finds nothing wrong, counts every job and draws a chart', async () => {
    const svg = join(scratch, 'chart.svg');
    const { status, stdout, stderr } = await soak('--minutes', '0.04', '--svg', svg);
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^\d{2,} checks, nothing wrong$/m),
      stderr: '',
    });
    const chart = readFileSync(svg, 'utf8');
    expect(chart).toMatch(/^<svg/);
    expect(chart).toContain('resident MiB');
  });

  it('ends with 1 and says what is wrong when a byte changes', async () => {
    const svg = join(scratch, 'corrupt.svg');
    const { status, stdout } = await soak('--minutes', '0.04', '--corrupt', '--svg', svg);
    expect(stdout).toMatch(/^ {2}an array that has left its scope has changed \(\d+ times\)$/m);
    expect(status).toBe(1);
  });

  it('ends with a message for a time that is none', async () => {
    const { status, stderr } = await soak('--minutes', 'ten');
    expect(stderr).toMatch(/'ten' is invalid.*Expected a number above 0/);
    expect(status).toBe(1);
  });
});

describe('growth', () => {
  const samples = (residentMiB: (second: number) => number, slabs: (second: number) => number) =>
    Array.from({ length: 600 }, (_, i) => ({
      seconds: i + 1,
      residentMiB: residentMiB(i),
      slabsInUse: 20,
      slabsWaiting: slabs(i),
      slabsFree: 100,
    }));
  const grows = (...of: Parameters<typeof samples>) =>
    judgeGrowth(samples(...of)).map(({ what, grows }) => (grows ? what : ''));

  it('is none while a run warms up, nor are waves', () => {
    const wave = (i: number) => 300 + 100 * Math.sin(i / 10);
    expect(grows((i) => (i < 100 ? i : wave(i)), wave)).toEqual(['', '']);
  });

  it('is found when memory or slabs rise by one in five seconds', () => {
    expect(
      grows(
        (i) => 100 + i / 5,
        () => 40,
      ),
    ).toEqual(['resident MiB', '']);
    expect(
      grows(
        () => 300,
        (i) => 40 + i / 5,
      ),
    ).toEqual(['', 'slabs in use or waiting']);
  });
});
