import { type Column, formatTable } from '../../examples/support/table.js';
import { type Loss, type Target, target } from '../section.js';
import { KIB, MIB, type Settings } from '../settings.js';
import { digits, formatBytes, formatNanoseconds, formatRatio } from '../support/format.js';
import type { Row } from './row.js';
import { SCOPES_IN_WORDS } from './shape.js';
import { WORKLOAD_NAMES, type Workload } from './workloads.js';

const RELEASES = ['collected', 'exit'] as const;
type Release = (typeof RELEASES)[number];

const LEGEND =
  `Times for one array, in ${SCOPES_IN_WORDS}, the scopes' own time included; in brackets the quartiles.\n` +
  '×: times as fast as plain Node in the same round; exit/floor: times as long as the floor, which\n' +
  'is a view on memory that is already there and fill(0).';

export function formatRows(rows: readonly Row[], { rounds }: Settings): string {
  const tables = WORKLOAD_NAMES.map((workload) => {
    const ofWorkload = rows.filter((row) => !row.larger && row.workload === workload);
    return `${capitalise(workload)}, medians of ${rounds} rounds\n${formatTable(COLUMNS, ofWorkload)}`;
  });
  const larger = rows.filter((row) => row.larger);
  if (larger.length > 0) {
    tables.push(
      `One element written, in scopes that take 4 and 16 MB\n${formatTable(COLUMNS, larger)}`,
    );
  }
  return [...tables, LEGEND].join('\n\n');
}

const COLUMNS: readonly Column<Row>[] = [
  column('array', ({ bytes }) => formatBytes(bytes)),
  column('per scope', ({ arraysPerScope }) => `${arraysPerScope}`),
  column('plain', ({ nanoseconds }) => formatNanoseconds(nanoseconds.plain)),
  ...(['collected', 'exit', 'floor'] as const).flatMap((variant) => [
    column(variant, ({ nanoseconds }) => formatNanoseconds(nanoseconds[variant])),
    column('', ({ speed }) => formatRatio(speed[variant])),
  ]),
  column('exit/floor', ({ exitToFloor }) => digits(exitToFloor.median)),
];

function column(title: string, text: (row: Row) => string): Column<Row> {
  return { title, align: 'right', text };
}

/** The least speed that is promised with one element written, by the bytes of the array. */
const LEAST_SPEEDS: readonly (readonly [number, Readonly<Record<Release, number>>])[] = [
  [1 * KIB, { exit: 8, collected: 4 }],
  [8 * KIB, { exit: 7, collected: 1.8 }],
  [64 * KIB, { exit: 2.8, collected: 1.2 }],
  [1 * MIB, { exit: 2.8, collected: 1.2 }],
];

/** Of the promises, those about sizes that were measured. */
export function targetsOf(rows: readonly Row[]): Target[] {
  const touched = of(rows, 'one element written');
  const written = of(rows, 'every element written');
  return [
    ...LEAST_SPEEDS.flatMap(([bytes, least]) =>
      touched
        .filter((row) => row.bytes === bytes)
        .flatMap((row) =>
          RELEASES.map((release) =>
            target(
              `'${release}' against plain Node, ${formatBytes(bytes)}, one element written`,
              row.speed[release].median,
              'at least',
              least[release],
              '×',
            ),
          ),
        ),
    ),
    ...RELEASES.flatMap((release) =>
      worst(
        written.filter(({ bytes }) => bytes >= 128),
        ({ speed }) => -speed[release].median,
        (row, where) =>
          target(
            `'${release}' against plain Node, every element written, worst from 128 B up (${where})`,
            row.speed[release].median,
            'at least',
            1,
            '×',
          ),
      ),
    ),
    ...worst(
      written.filter(({ bytes }) => bytes >= KIB),
      ({ exitToFloor }) => exitToFloor.median,
      (row, where) =>
        target(
          `'exit' against the floor, every element written, worst from 1 KB up (${where})`,
          row.exitToFloor.median,
          'at most',
          1.25,
          '×',
        ),
    ),
  ];
}

/** Every row in which arenas are slower than plain Node. */
export function lossesOf(rows: readonly Row[]): Loss[] {
  return rows.flatMap(({ bytes, arraysPerScope, larger, workload, speed }) =>
    RELEASES.filter((release) => speed[release].median < 1).map((release) => ({
      what: `'${release}', ${larger ? `${arraysPerScope} × ` : ''}${formatBytes(bytes)}, ${workload}`,
      speed: speed[release].median,
      doubtful: speed[release].high >= 1,
    })),
  );
}

function of(rows: readonly Row[], workload: Workload): Row[] {
  return rows.filter((row) => !row.larger && row.workload === workload);
}

function worst<T>(
  rows: readonly Row[],
  badness: (row: Row) => number,
  make: (row: Row, where: string) => T,
): T[] {
  const [row] = [...rows].sort((a, b) => badness(b) - badness(a));
  return row === undefined ? [] : [make(row, formatBytes(row.bytes))];
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
