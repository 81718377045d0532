import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Results } from '../bench/results.js';
import { packageRoot, type RunResult, run, runOrThrow } from './support/run.js';

const PROGRAM = join(packageRoot, 'test/support/own-bench.cjs');
const RUNNING = process.versions.node.split('.')[0] as string;

describe('a run of npm run bench that does not go well', () => {
  let folder: string;
  let json: string;
  let report: string;

  beforeAll(() => {
    runOrThrow(process.execPath, ['scripts/setup.mjs', '--only=out']);
    folder = mkdtempSync(join(tmpdir(), 'arena-pirate-partial-'));
    [json, report] = [join(folder, 'results.json'), join(folder, 'report.html')];
  });

  beforeEach(() => {
    for (const file of [json, report]) rmSync(file, { force: true });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const commandLine = (sections: readonly string[], ...more: string[]): string[] => [
    ...['--expose-gc', PROGRAM, '--smoke', '--json', json, '--report', report, ...more],
    ...['--only', ...sections],
  ];
  const bench = (sections: readonly string[], ...more: string[]): RunResult =>
    run(process.execPath, commandLine(sections, ...more));

  const results = (): Results => JSON.parse(readFileSync(json, 'utf8')) as Results;
  const sectionsIn = ({ runs }: Results): string[][] =>
    runs.map(({ comparisons }) => comparisons.map(({ section }) => section));
  const compare = (): string => {
    const program = join(packageRoot, 'out/bench/compare/main.js');
    return runOrThrow(process.execPath, [program, json, json]);
  };

  /** Sends the signal once the endless section has begun: to the process, or to all that it has started as well. */
  async function interrupt(signal: NodeJS.Signals, args: string[], all = false) {
    const child = spawn(process.execPath, args, { cwd: packageRoot, detached: true });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      const begun = stderr.includes('endless has begun');
      stderr += data;
      if (!begun && stderr.includes('endless has begun')) {
        process.kill(all ? -(child.pid as number) : (child.pid as number), signal);
      }
    });
    const [status] = await once(child, 'close');
    return { status, stdout, stderr };
  }

  it('keeps what other sections gave where some fail, says so everywhere, and exits with 1', () => {
    const { status, stdout, stderr } = bench(['first', 'throwing', 'numberless', 'second']);
    expect(status).toBe(1);
    expect(stderr).toContain('Error: no luck\nat all');
    expect(stderr).toContain("The section 'throwing' failed: no luck\n");
    expect(stderr).toContain("'exit' gave [null]");
    expect(stdout).toContain('group of second');
    expect(sectionsIn(results())).toEqual([['first', 'second']]);
    expect(results().runs).toMatchObject([
      { failed: [{ section: 'throwing', message: 'no luck\nat all' }, { section: 'numberless' }] },
    ]);
    expect(results().runs[0]).not.toHaveProperty('interrupted');
    expect(readFileSync(report, 'utf8')).toContain(
      'Not whole. The section &#39;throwing&#39; failed: no luck<',
    );
    expect(compare()).toContain("the first run is not whole: The section 'throwing' failed");
  });

  it('says nothing of the kind where all went well', () => {
    const { status, stderr } = bench(['first', 'second']);
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/failed|missing/);
    expect(results().runs[0]).not.toHaveProperty('failed');
    expect(readFileSync(report, 'utf8')).not.toContain('Not whole');
    expect(compare()).not.toContain('not whole');
  });

  it('writes nothing where nothing was measured', async () => {
    expect(bench(['throwing']).status).toBe(1);
    const { status } = await interrupt('SIGTERM', commandLine(['endless', 'last']));
    expect(status).toBe(143);
    expect([json, report].filter((file) => existsSync(file))).toEqual([]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('keeps what had finished when %s comes, and exits with %d', async (signal, code) => {
    const args = commandLine(['first', 'throwing', 'endless', 'last']);
    const { status, stdout, stderr } = await interrupt(signal, args);
    expect(status).toBe(code);
    expect(stdout).toContain('group of first');
    expect(stderr).toContain(`${signal} ended it early`);
    expect(sectionsIn(results())).toEqual([['first']]);
    expect(results().runs).toMatchObject([
      { failed: [{ section: 'throwing' }], interrupted: signal },
    ]);
    expect(readFileSync(report, 'utf8')).toContain(`Not whole. ${signal} ended it early`);
    expect(compare()).toContain(`the second run is not whole: ${signal} ended it early`);
  });

  it('keeps what had finished on each version of Node', () => {
    const nodes = ['--nodes', `${RUNNING},${RUNNING}`];
    const { status } = bench(['first', 'throwing', 'second'], ...nodes);
    expect(status).toBe(1);
    expect(sectionsIn(results())).toEqual([
      ['first', 'second'],
      ['first', 'second'],
    ]);
    expect(results().runs).toMatchObject([
      { failed: [{ section: 'throwing' }] },
      { failed: [{ section: 'throwing' }] },
    ]);
    expect(results()).not.toHaveProperty('missing');
  });

  it.each([
    ['passes a signal on', false],
    ['bears one that all processes get, as from a terminal', true],
  ])('%s to the version of Node that runs, and starts no other', async (_name, all) => {
    const nodes = ['--nodes', `${RUNNING},${RUNNING}`];
    const args = commandLine(['first', 'endless'], ...nodes);
    const { status, stdout, stderr } = await interrupt('SIGINT', args, all);
    expect(status).toBe(130);
    expect(stderr.match(/endless has begun/g)).toHaveLength(1);
    expect(stdout).not.toContain('2 of 2');
    expect(sectionsIn(results())).toEqual([['first']]);
    expect(results()).toMatchObject({ runs: [{ interrupted: 'SIGINT' }], missing: [RUNNING] });
    expect(readFileSync(report, 'utf8')).toContain(`Node ${RUNNING}</strong> is missing`);
    expect(compare()).toContain(`The first file is not whole: Node ${RUNNING} gave nothing`);
  });
});
