import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, type RunResult, run, runOrThrow } from './support/run.js';

const PROGRAM = join(packageRoot, 'out/bench/main.js');

const bench = (...args: string[]): RunResult =>
  run(process.execPath, ['--expose-gc', PROGRAM, ...args]);

interface Spread {
  low: number;
  median: number;
  high: number;
}

interface Figures {
  machine: { cores: number; node: string; arenaPirate: string; load: number[] };
  settings: { rounds: number };
  seconds: number;
  targets: { claim: string; measured: number; limit: number; bound: string; met: boolean }[];
  losses: { what: string; speed: number }[];
  sections: {
    allocation: {
      bytes: number;
      larger: boolean;
      workload: string;
      milliseconds: Record<string, number[]>;
      nanoseconds: Record<string, number>;
      speed: Record<string, Spread>;
      exitToFloor: Spread;
    }[];
    examples: { sha256: string; milliseconds: Record<string, number[]> }[];
    parallel: {
      sha256: string;
      milliseconds: Record<string, Record<string, number[]>>;
      speed: Record<string, Record<string, Spread>>;
      scaling: Record<string, Spread>;
    }[];
    outside: {
      operation: string;
      pairs: Record<'without' | 'with', number[]>[];
      ratio: Spread;
    }[];
    scopes: { operation: string; processes: number[][]; nanoseconds: Spread }[];
    memory: { variant: string; before: number; highest: number; after: number; sum: number }[];
  };
}

function expectPositive(figures: readonly number[]): void {
  expect(figures.length).toBeGreaterThan(0);
  expect(figures.filter((figure) => !(Number.isFinite(figure) && figure > 0))).toEqual([]);
}

const spread = ({ low, median, high }: Spread): number[] => [low, median, high];

describe('npm run bench', () => {
  let folder: string;
  let output: string;
  let figures: Figures;

  beforeAll(() => {
    runOrThrow(process.execPath, ['scripts/setup.mjs', '--only=out']);
    folder = mkdtempSync(join(tmpdir(), 'arena-pirate-bench-'));
    const json = join(folder, 'figures.json');
    output = runOrThrow(process.execPath, ['--expose-gc', PROGRAM, '--smoke', '--json', json]);
    figures = JSON.parse(readFileSync(json, 'utf8')) as Figures;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('puts the machine and the settings on record', () => {
    const { machine, settings, seconds } = figures;
    expect(machine).toMatchObject({ node: process.version, load: expect.any(Array) });
    expect(machine.arenaPirate).toMatch(/^\d+\.\d+\.\d+/);
    expectPositive([machine.cores, settings.rounds, seconds]);
  });

  it('compares three workloads of each size in four variants, raw rounds included', () => {
    const rows = figures.sections.allocation;
    const sizes = new Set(rows.map(({ bytes }) => bytes));
    expect(rows.filter(({ larger }) => !larger)).toHaveLength(3 * sizes.size);
    expect(rows.filter(({ larger }) => larger)).toHaveLength(2);
    for (const { milliseconds, nanoseconds, speed, exitToFloor } of rows) {
      expect(Object.keys(milliseconds)).toEqual(['plain', 'collected', 'exit', 'floor']);
      expectPositive(Object.values(milliseconds).flat());
      expectPositive(Object.values(nanoseconds));
      expectPositive([...Object.values(speed), exitToFloor].flatMap(spread));
    }
  });

  it('compares the three ported examples', () => {
    const rows = figures.sections.examples;
    expect(rows).toHaveLength(3);
    for (const { sha256, milliseconds } of rows) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(Object.keys(milliseconds)).toEqual(['plain', 'collected', 'exit', 'hand-kept']);
      expectPositive(Object.values(milliseconds).flat());
    }
  });

  it('compares two of them on one and two worker threads', () => {
    const rows = figures.sections.parallel;
    expect(rows).toHaveLength(2);
    const [, medians, search] = figures.sections.examples;
    expect(rows.map(({ sha256 }) => sha256)).toEqual([medians?.sha256, search?.sha256]);
    for (const { milliseconds, speed, scaling } of rows) {
      expect(Object.keys(milliseconds)).toEqual(['1', '2']);
      expectPositive(Object.values(milliseconds).flatMap((times) => Object.values(times).flat()));
      expectPositive(
        Object.values(speed).flatMap((rivals) => Object.values(rivals).flatMap(spread)),
      );
      expectPositive(Object.values(scaling).flatMap(spread));
    }
  });

  it('compares processes with and without the package', () => {
    const rows = figures.sections.outside;
    expect(rows.map(({ operation }) => operation)).toContain('.subarray(8, 16)');
    for (const { pairs, ratio } of rows) {
      expectPositive(pairs.flatMap((pair) => [...pair.without, ...pair.with]));
      expectPositive(spread(ratio));
    }
  });

  it('measures what a scope costs', () => {
    for (const { processes, nanoseconds } of figures.sections.scopes) {
      expectPositive([...processes.flat(), ...spread(nanoseconds)]);
    }
  });

  it('measures resident memory of each variant, doing the same work', () => {
    const rows = figures.sections.memory;
    expect(rows.map(({ variant }) => variant)).toEqual(['plain', 'collected', 'exit']);
    for (const { before, highest, after } of rows) expectPositive([before, highest, after]);
    expect(new Set(rows.map(({ sum }) => sum)).size).toBe(1);
  });

  it('says of each target whether its figure meets it', () => {
    const { targets } = figures;
    expect(targets.length).toBeGreaterThan(0);
    for (const { measured, limit, bound, met } of targets) {
      expect(met).toBe(bound === 'at least' ? measured >= limit : measured <= limit);
    }
    const count = targets.filter(({ met }) => met).length;
    expect(output).toContain(`Targets: ${count} of ${targets.length} met`);
  });

  it('lists as losses just the rows in which arenas were slower', () => {
    const { losses, sections } = figures;
    const slower = sections.allocation.flatMap(({ speed }) =>
      [speed.collected, speed.exit].filter((release) => (release?.median ?? 1) < 1),
    );
    const listed = losses.filter(({ what }) => /written$/.test(what));
    expect(listed).toHaveLength(slower.length);
    expect(losses.filter(({ speed }) => speed >= 1)).toEqual([]);
  });
});

describe('the command line of npm run bench', () => {
  it('names sections and options in --help', () => {
    const { status, stdout } = bench('--help');
    expect(status).toBe(0);
    for (const name of ['--json', '--quick', '--only', 'allocation', 'outside', 'memory']) {
      expect(stdout).toContain(name);
    }
  });

  it.each([
    ['an unknown option', ['--plunder'], /unknown option '--plunder'/],
    ['an unknown section', ['--only', 'plunder'], /Allowed choices are allocation/],
    ['an excess argument', ['plunder'], /too many arguments/],
    ['a file that cannot be written', ['--json', '/no/such/folder/x.json'], /ENOENT/],
  ])('exits with 2 and says why for %s', (_name, args, message) => {
    const { status, stdout, stderr } = bench(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });
});
