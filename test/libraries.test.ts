// Libraries that have never heard of arenas, in processes of their own: they answer as in plain
// Node, and those that an 'exit' scope is not for are known.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { libraries } from './libraries/all.js';
import type { KeptReport, LibraryReport, Plan } from './libraries/report.js';
import { runChild } from './support/child.js';
import { packageRoot } from './support/run.js';

const PROGRAM = join(packageRoot, 'out/test/libraries/program.js');
const TIMEOUT = 120_000;

type Reports<Report> = Readonly<Record<string, Report>>;

async function runProgram<Report = LibraryReport>(plan: Plan): Promise<Reports<Report>> {
  // What is found is listed in the answer; the warnings say the same.
  const flags = ['--expose-gc', '--no-warnings'];
  const command = [process.execPath, ...flags, PROGRAM, JSON.stringify(plan)];
  const { status, signal, stderr, answer } = await runChild(command, { timeout: TIMEOUT });
  if (status !== 0) throw new Error(`ended with ${signal ?? status}\n${stderr}`);
  return JSON.parse(answer) as Reports<Report>;
}

const names = libraries.map(({ name }) => name);
let plain: Reports<LibraryReport>;

beforeAll(async () => {
  plain = await runProgram({});
}, TIMEOUT);

describe('the uses of libraries', () => {
  it.each(names)('%s answers the same each time in plain Node', (name) => {
    const { answers, captured } = plain[name] as LibraryReport;
    expect(captured).toBe(0);
    expect(Object.keys(answers).length).toBeGreaterThan(4);
    for (const [use, all] of Object.entries(answers)) {
      expect(all, use).toHaveLength(6);
      expect(new Set(all).size, use).toBe(1);
      expect(all[0]).not.toMatch(/^threw/);
    }
  });
});

describe.each([
  { release: 'collected', minBytes: 65, load: 'before' },
  { release: 'collected', minBytes: 1, load: 'inside' },
  { release: 'exit', minBytes: 65, load: 'before' },
  { release: 'exit', minBytes: 1, load: 'inside' },
] as const)("libraries in '$release' scopes from $minBytes bytes, loaded $load them", (plan) => {
  let reports: Reports<LibraryReport>;

  beforeAll(async () => {
    reports = await runProgram(plan);
  }, TIMEOUT);

  it.each(names)('%s answers as in plain Node', (name) => {
    const { answers, captured } = reports[name] as LibraryReport;
    expect(answers).toEqual(plain[name]?.answers);
    const left = libraries.find((library) => library.name === name)?.notForExit;
    if (plan.release === 'collected' || left !== 'all') expect(captured).toBeGreaterThan(100);
  });
});

describe("'exit' scopes in checked mode", () => {
  let checked: Reports<LibraryReport>;
  let kept: Reports<Readonly<Record<string, KeptReport>>>;

  beforeAll(async () => {
    checked = await runProgram({ release: 'exit', check: true });
    kept = await runProgram({ what: 'kept' });
  }, 2 * TIMEOUT);

  it.each(names)('%s answers as in plain Node and keeps nothing of them, cured', (name) => {
    const { answers, escapes } = checked[name] as LibraryReport;
    expect(escapes).toEqual([]);
    expect(Object.keys(answers)).toEqual(Object.keys(plain[name]?.answers ?? {}));
    for (const [use, all] of Object.entries(answers)) {
      expect(all, use).toEqual(plain[name]?.answers[use]?.slice(0, all.length));
    }
  });

  const rows = libraries.flatMap(({ name, kept: all }) =>
    Object.entries(all ?? {}).map(([what, { sign, warmUp }]) => {
      return { name, what, sign, cure: warmUp ? 'warm-up' : 'noArena' };
    }),
  );

  it.each(rows)('$name keeps $what, but not with $cure', ({ name, what, sign }) => {
    const reports = kept[name] as Record<string, KeptReport>;
    const { uncured, cured, answers } = reports[what] as KeptReport;
    expect(uncured.join('\n')).toContain(sign);
    expect(cured).toEqual([]);
    expect(answers[1]).toBe(answers[0]);
  });

  it('docs/libraries.md lists what is kept', () => {
    const table = readFileSync(join(packageRoot, 'docs/libraries.md'), 'utf8');
    const listed = [...table.matchAll(/^\| (\S+) \| ([^|]+) \|.*\| (warm-up|noArena) \|$/gm)];
    const wanted = rows.map(({ name, what, cure }) => [name, what, cure]);
    expect(listed.map(([, ...cells]) => cells)).toEqual(wanted);
  });
});
