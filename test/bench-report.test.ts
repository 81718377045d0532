import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../bench/comparison.js';
import type { Results } from '../bench/results.js';
import { target } from '../bench/section.js';
import { benchComparison, benchResults, benchRivalry, benchRun } from './support/bench-results.js';
import { packageRoot, type RunResult, run, runOrThrow } from './support/run.js';

const PROGRAM = join(packageRoot, 'out/bench/report/main.js');

const rivalCell = (name: string): string => `${name}</th><td>pool`;
const occurrences = (text: string, part: string | RegExp): number => text.split(part).length - 1;

describe('npm run bench:report', () => {
  let folder: string;

  const report = (...args: string[]): RunResult => run(process.execPath, [PROGRAM, ...args]);

  function pageOf(results: Results): string {
    const [json, out] = [join(folder, 'results.json'), join(folder, 'report.html')];
    writeFileSync(json, JSON.stringify(results));
    const { status, stderr } = report(json, '--out', out);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return readFileSync(out, 'utf8');
  }

  const page = (...comparisons: Comparison[]): string =>
    pageOf(benchResults(benchRun({ comparisons })));

  beforeAll(() => {
    runOrThrow(process.execPath, ['scripts/setup.mjs', '--only=out']);
    folder = mkdtempSync(join(tmpdir(), 'arena-pirate-report-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('needs nothing but itself: no scripts, files or network', () => {
    const text = page(benchComparison(2));
    expect(text).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|\bsrc=/);
    const addresses = text.match(/\bhttps?:[^"' ]*/g) ?? [];
    // Names of XML's, which nothing fetches.
    expect(addresses.filter((one) => !one.startsWith('http://www.w3.org/'))).toEqual([]);
  });

  it('tells figure, ratio and quartiles of each row in its plot and its table', () => {
    const rounds = { plain: [100, 200, 300], exit: [50, 50, 50] };
    const text = page({ ...benchComparison(1), rounds });
    // In the plot, in the table, and among what comes closest to a loss.
    expect(occurrences(text, '4.00× (2.83–4.90)')).toBe(3);
    expect(text).toContain('200 ns');
    expect(text).toMatch(/<svg role="img" aria-label="work"[^>]*><title>work<\/title>/);
  });

  it('keeps what is in names from becoming part of the page', () => {
    const name = '<b>"bold"</b> & co';
    const text = page({ ...benchComparison(2), name, group: name, remark: name });
    expect(text).not.toContain('<b>');
    expect(text).toContain('&lt;b&gt;&quot;bold&quot;&lt;/b&gt; &amp; co');
  });

  it('draws lines over sizes, and bars over what is no size', () => {
    const rows = (names: string[]): Comparison[] =>
      names.map((name) => ({ ...benchComparison(2), name }));
    const drawnAs = (text: string) =>
      /<polyline|<path d="M[^"]*L[^"]*L/.test(text.split('</svg>')[0] as string);
    const sizes = page(...rows(['128 B', '1 KB', '64 KB', '1 MB']));
    const jobs = page(...rows(['decode', 'encode', 'inflate', 'deflate']));
    expect([drawnAs(sizes), drawnAs(jobs)]).toEqual([true, false]);
  });

  it('draws memory, and ratios that are infinite, too', () => {
    const text = page(
      { ...benchComparison(2), group: 'resident', unit: 'bytes' },
      { ...benchComparison(2), rounds: { plain: [5, 5], exit: [0, 0] } },
    );
    expect(occurrences(text, '<svg')).toBe(2);
    expect(text).toContain('∞×');
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('says where we lose, or else where we gain least', () => {
    const section = (text: string) => text.slice(text.indexOf('<h2 id="losses">'));
    const lost = section(page(benchComparison(0.5), { ...benchComparison(2), name: '1 MB' }));
    expect(lost).toContain('worst first');
    expect(lost).toContain('work: 8 KB');
    expect(lost).not.toContain('work: 1 MB');
    const won = section(page(benchComparison(2)));
    expect(won).toContain('come closest');
    expect(won).toContain('work: 8 KB');
  });

  it('says in how many rows rivals beat ours, and which, worst first', () => {
    const section = (text: string) => text.slice(text.indexOf('<h2 id="losses">'));
    const [won, worse, worst] = [
      benchRivalry(0.5, 'row 1'),
      benchRivalry(2, 'row 2'),
      benchRivalry(4, 'row 3'),
    ];
    const text = section(page(won, worse, worst, benchComparison(2)));
    expect(text).toContain('In 2 of 3 rows with rivals');
    expect(text.match(/row \d<\/th><td>pool/g)).toEqual(['row 3', 'row 2'].map(rivalCell));
    expect(text).toContain('<td>exit</td><td class="number">0.25× (0.25–0.25)');
    expect(section(page(won))).toContain('In 0 of 1 rows with rivals');
    expect(section(page(benchComparison(2)))).toContain('No row here has rivals on record');
  });

  it('says of each target whether it is met', () => {
    const promise = { claim: 'fast', bound: 'at least', limit: 2, unit: '×' } as const;
    const targets = [
      { ...promise, measured: 3, met: true },
      { ...promise, measured: 1, met: false },
    ];
    const text = pageOf(benchResults(benchRun({ targets, comparisons: [benchComparison(2)] })));
    expect(text).toContain('1 of 2 targets met');
    expect(occurrences(text, '✓ met')).toBe(1);
    expect(occurrences(text, '✗ not met')).toBe(1);
    // Its spread is not known.
    expect(text).not.toContain('<td>within the spread</td>');
  });

  it.each([
    [2.2, { low: 1.9, high: 2.4 }, true],
    [2.2, { low: 2.1, high: 2.4 }, false],
    [1.8, { low: 1.5, high: 1.9 }, false],
    [1.8, { low: 1.5, high: 2 }, true],
  ])(
    'says of %d of 2 at least, in %o, whether rounds disagree: %s',
    (measured, spread, doubtful) => {
      const one = target('speed', { median: measured, ...spread }, 'at least', 2, '×');
      expect(one).toMatchObject({ measured, met: measured >= 2, spread });
      const text = pageOf(
        benchResults(benchRun({ targets: [one], comparisons: [benchComparison(3)] })),
      );
      expect(text.includes('<td>within the spread</td>')).toBe(doubtful);
    },
  );

  it('puts the plots of several versions of Node side by side', () => {
    const on = (node: string) => {
      const one = benchRun({ comparisons: [benchComparison(2)] });
      return { ...one, machine: { ...one.machine, node } };
    };
    const text = pageOf(benchResults(on('v20.1.0'), on('v24.1.0')));
    expect(occurrences(text, '<h3>work</h3>')).toBe(1);
    expect(text).toContain('aria-label="Node v20.1.0: work"');
    expect(text).toContain('aria-label="Node v24.1.0: work"');
  });

  it('puts the machine on record', () => {
    const text = page(benchComparison(2));
    for (const fact of ['A cpu', '2 cpus', 'glibc 2.36', 'pako 3.0.3', '1 1 1 after']) {
      expect(text).toContain(fact);
    }
  });

  it.each([
    ['a file that is no result', () => [join(packageRoot, 'package.json')], /format is undefined/],
    ['a missing file', () => [], /missing required argument 'file'/],
    ['a page that cannot be written', () => ['x.json', '--out', '/no/such/x.html'], /ENOENT/],
  ])('exits with 2 and says why for %s', (_name, args, message) => {
    const { status, stderr } = report(...args());
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
