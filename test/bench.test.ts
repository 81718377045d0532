import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advantage, type Comparison } from '../bench/comparison.js';
import { PANEL } from '../bench/libraries/panel.js';
import { lossesOf } from '../bench/losses.js';
import type { Results, Run } from '../bench/results.js';
import { packageRoot, type RunResult, run, runOrThrow } from './support/run.js';

const PROGRAM = join(packageRoot, 'out/bench/main.js');

const bench = (...args: string[]): RunResult =>
  run(process.execPath, ['--expose-gc', PROGRAM, ...args]);

function expectPositive(values: readonly number[]): void {
  expect(values.length).toBeGreaterThan(0);
  expect(values.filter((value) => !(Number.isFinite(value) && value > 0))).toEqual([]);
}

describe('npm run bench', () => {
  let folder: string;
  let output: string;
  let results: Results;
  let current: Run;

  const section = (name: string): Comparison[] =>
    current.comparisons.filter((comparison) => comparison.section === name);

  beforeAll(() => {
    runOrThrow(process.execPath, ['scripts/setup.mjs', '--only=out']);
    folder = mkdtempSync(join(tmpdir(), 'arena-pirate-bench-'));
    const json = join(folder, 'results.json');
    const files = ['--json', json, '--report', join(folder, 'report.html')];
    output = runOrThrow(process.execPath, ['--expose-gc', PROGRAM, '--smoke', ...files]);
    results = JSON.parse(readFileSync(json, 'utf8')) as Results;
    current = results.runs[0] as Run;
    // Some two hundred processes: half a minute alone, three times as long beside other tests on a slow machine.
  }, 600_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('puts the machine and the profile on record', () => {
    const { machine, profile, seconds } = current;
    expect(results).toMatchObject({ format: 1, runs: [{}] });
    expect(machine).toMatchObject({ node: process.version, load: expect.any(Array) });
    expect(machine.arenaPirate).toMatch(/^\d+\.\d+\.\d+/);
    expect(machine.packages).toMatchObject({ pako: expect.stringMatching(/^\d/) });
    expect(profile).toBe('smoke');
    expectPositive([machine.cores, seconds, machine.calm?.looks ?? 0]);
    expect(machine.cpusInUse).toSatisfy((n) => n >= 0 && n <= cpus().length);
    expect(machine.calm).toMatchObject({
      disturbed: expect.toSatisfy((n) => n >= 0 && n <= (machine.calm?.looks ?? 0)),
      waitedSeconds: expect.any(Number),
      stolenSeconds: expect.toSatisfy((n) => n >= 0),
    });
  });

  it('draws each group on a page', () => {
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    const groups = new Set(current.comparisons.map(({ group }) => group));
    expect(page.split('<svg').length - 1).toBe(groups.size);
    expect(page).not.toMatch(/NaN|undefined/);
  });

  // No collection in a short round is no mistake.
  const mayBeZero = ({ group, name }: Comparison): boolean =>
    /garbage collection|mark-compacts/.test(group) || name.startsWith('GC time');

  it('gives each comparison as many rounds of every variant, with its baseline and ours', () => {
    for (const comparison of current.comparisons) {
      const { rounds, baseline, ours } = comparison;
      const lengths = Object.values(rounds).map((values) => values.length);
      expect(new Set(lengths).size).toBe(1);
      const values = Object.values(rounds).flat();
      expectPositive(mayBeZero(comparison) ? values.map((value) => value + 1) : values);
      expect(Object.keys(rounds)).toEqual(expect.arrayContaining([baseline, ...ours]));
    }
  });

  it('names no row of a group twice', () => {
    const names = current.comparisons.map(({ group, name }) => `${group}: ${name}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('compares every way of making an array with plain Node and the floor', () => {
    const rows = section('allocation');
    expect(new Set(rows.map(({ group }) => group)).size).toBeGreaterThan(9);
    for (const { rounds, group, remark = '' } of rows) {
      const beside = ['plain', 'collected', 'exit', 'floor'];
      if (remark.includes('measured again')) {
        beside.push(group.startsWith('new Float64Array(n),') ? 'floor again' : 'plain again');
      }
      if (group.startsWith('new Float64Array(n), every element written, ')) {
        beside.push('walked floor');
      }
      expect(Object.keys(rounds)).toEqual(expect.arrayContaining(beside));
    }
  });

  it('compares whole processes with other mallocs and young generations', () => {
    for (const { rounds } of section('processes')) {
      expect(Object.keys(rounds)).toEqual(
        expect.arrayContaining(['plain', 'collected', 'exit', 'trim at 1G', 'semi-space 1M']),
      );
    }
  });

  it('names rivals where there are any, none of which is the baseline, ours, a floor or a control', () => {
    const contested = current.comparisons.filter(({ rivals = [] }) => rivals.length > 0);
    expect(new Set(contested.map((comparison) => comparison.section))).toEqual(
      new Set(['allocation', 'processes']),
    );
    for (const { rivals = [], rounds, baseline, ours, control = [] } of contested) {
      const others = Object.keys(rounds).filter((variant) => !variant.includes('floor'));
      expect([baseline, ...ours, ...rivals].concat(control).sort()).toEqual(others.sort());
    }
    expect(output).toContain(`of ${contested.length} rows with rivals`);
  });

  it('compares the three ported examples', () => {
    const rows = section('examples');
    expect(rows).toHaveLength(3);
    for (const { sha256, rounds } of rows) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(Object.keys(rounds)).toEqual(['plain', 'collected', 'exit', 'hand-kept']);
    }
  });

  it('compares two of them on one and two worker threads, with equal results', () => {
    const [, medians, search] = section('examples');
    const digests = section('parallel').map(({ sha256 }) => sha256);
    expect(digests).toEqual([
      ...[medians?.sha256, medians?.sha256, undefined],
      ...[search?.sha256, search?.sha256, undefined],
    ]);
  });

  it('compares processes with and without the package', () => {
    const rows = section('outside');
    expect(rows.map(({ name }) => name)).toContain('.subarray(8, 16)');
    for (const { name, rounds } of rows) {
      const held = name.startsWith('new Float64Array, ') ? ['without, memory held'] : [];
      expect(Object.keys(rounds)).toEqual(['without', 'with', ...held]);
    }
  });

  it('compares every library of the panel with plain Node, with equal results in both kinds of scope and with kept arrays', () => {
    const rows = section('libraries');
    const names = rows.map(({ name }) => name.replace(/:.*/, ''));
    expect(names).toEqual(PANEL.map(({ library }) => library));
    for (const { sha256, rounds, remark = '' } of rows) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      const again = remark.includes('measured again') ? ['plain again'] : [];
      expect(Object.keys(rounds)).toEqual(['plain', 'collected', 'exit', 'floor', ...again]);
    }
  });

  it('has two servers answer alike in every variant, and measures load, memory and pauses', () => {
    const rows = section('server');
    const groups = new Set(rows.map(({ group }) => group));
    for (const server of ['PNG server', 'Model server']) {
      for (const what of [
        'latency at a fixed rate',
        'flat out',
        'mark-compacts',
        'resident memory',
        'the work of requests, one after the other, without HTTP',
        'mark-compacts without HTTP',
      ]) {
        expect(groups).toContain(`${server}: ${what}`);
      }
      const digests = rows
        .filter(({ group }) => group.startsWith(server))
        .map(({ sha256 }) => sha256);
      expect(new Set(digests).size).toBe(1);
      expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    }
    for (const { rounds } of rows) {
      expect(Object.keys(rounds)).toEqual(['plain', 'collected', 'exit', 'floor', 'plain again']);
    }
  });

  it('compares libraries and a server where the package is loaded and not used', () => {
    const rows = section('unused');
    expect(rows.map(({ name }) => name)).toContainEqual(expect.stringContaining('node:http'));
    expect(rows.length).toBeGreaterThan(1);
    for (const { name, rounds } of rows) {
      expect(Object.keys(rounds)).toEqual([
        ...['without', 'without again', 'loaded', 'scopes elsewhere'],
        ...(name.startsWith('node:http') ? ['tracking elsewhere'] : []),
      ]);
    }
  });

  it('measures what scopes cost, and resident memory', () => {
    expect(section('scopes').length).toBeGreaterThan(5);
    for (const { unit, rounds } of section('memory')) {
      expect(unit).toBe('bytes');
      expect(Object.keys(rounds)).toEqual(['plain', 'collected', 'exit']);
    }
  });

  it('says of each target whether its figure meets it', () => {
    const { targets } = current;
    expect(targets.length).toBeGreaterThan(0);
    for (const { measured, limit, bound, met } of targets) {
      expect(met).toBe(bound === 'at least' ? measured >= limit : measured <= limit);
    }
    const count = targets.filter(({ met }) => met).length;
    expect(output).toContain(`Targets: ${count} of ${targets.length} met`);
  });

  it('tells where arenas lose, and only that', () => {
    const losses = lossesOf(current.comparisons);
    const slower = current.comparisons.flatMap((comparison) =>
      comparison.ours.filter((variant) => advantage(comparison, variant).median < 1),
    );
    expect(slower.length).toBeGreaterThan(0);
    expect(losses.map(({ variant }) => variant).sort()).toEqual(slower.sort());
    expect(output).toContain('Where we lose\n');
  });
});

describe('the command line of npm run bench', () => {
  it('names sections and options in --help', () => {
    const { status, stdout } = bench('--help');
    expect(status).toBe(0);
    for (const name of [
      '--json',
      '--report',
      '--no-report',
      '--nodes',
      '--quick',
      '--only',
      'allocation',
      'outside',
      'memory',
    ]) {
      expect(stdout).toContain(name);
    }
  });

  it.each([
    ['an unknown option', ['--plunder'], /unknown option '--plunder'/],
    ['an unknown section', ['--only', 'plunder'], /Allowed choices are allocation/],
    ['an excess argument', ['plunder'], /too many arguments/],
    ['a file that cannot be written', ['--json', '/no/such/folder/x.json'], /ENOENT/],
    ['a page that cannot be written', ['--report', '/no/such/folder/x.html'], /ENOENT/],
    ['an unknown version of Node', ['--nodes', '20,21'], /some of 20,22,24,26 .* received '21'/],
  ])('exits with 2 and says why for %s', (_name, args, message) => {
    const { status, stdout, stderr } = bench(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });
});
