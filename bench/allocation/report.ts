import { advantage, advantageOver, type Comparison } from '../comparison.js';
import { type Target, target } from '../section.js';
import { KIB, MIB } from '../settings.js';
import { formatBytes } from '../support/format.js';
import type { Measured } from './measure.js';
import { SCOPES_IN_WORDS } from './shape.js';
import type { Workload } from './workloads.js';

const RELEASES = ['collected', 'exit'] as const;
type Release = (typeof RELEASES)[number];

export function comparisonOf(measured: Measured): Comparison {
  const { bytes, larger, arraysPerScope, workload, rounds } = measured;
  return {
    section: 'allocation',
    group: larger
      ? 'new Float64Array(n), one element written, in scopes that take 4 and 16 MB'
      : `new Float64Array(n), ${workload}, in ${SCOPES_IN_WORDS}`,
    name: larger ? `${arraysPerScope} × ${formatBytes(bytes)}` : formatBytes(bytes),
    unit: 'ns',
    better: 'less',
    baseline: 'plain',
    ours: RELEASES,
    rounds,
  };
}

/** The least speed that is promised with one element written, by the bytes of the array. */
const LEAST_SPEEDS: readonly (readonly [number, Readonly<Record<Release, number>>])[] = [
  [1 * KIB, { exit: 8, collected: 4 }],
  [8 * KIB, { exit: 7, collected: 1.8 }],
  [64 * KIB, { exit: 2.8, collected: 1.2 }],
  [1 * MIB, { exit: 2.8, collected: 1.2 }],
];

/** Of the promises, those about sizes that were measured. */
export function targetsOf(rows: readonly Measured[]): Target[] {
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
              speedOf(row, release),
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
        (row) => -speedOf(row, release),
        (row, where) =>
          target(
            `'${release}' against plain Node, every element written, worst from 128 B up (${where})`,
            speedOf(row, release),
            'at least',
            1,
            '×',
          ),
      ),
    ),
    ...worst(
      written.filter(({ bytes }) => bytes >= KIB),
      exitToFloor,
      (row, where) =>
        target(
          `'exit' against the floor, every element written, worst from 1 KB up (${where})`,
          exitToFloor(row),
          'at most',
          1.25,
          '×',
        ),
    ),
  ];
}

function speedOf(measured: Measured, release: Release): number {
  return advantage(comparisonOf(measured), release).median;
}

function exitToFloor(measured: Measured): number {
  return 1 / advantageOver(comparisonOf(measured), 'exit', 'floor').median;
}

function of(rows: readonly Measured[], workload: Workload): Measured[] {
  return rows.filter((row) => !row.larger && row.workload === workload);
}

function worst(
  rows: readonly Measured[],
  badness: (row: Measured) => number,
  make: (row: Measured, where: string) => Target,
): Target[] {
  const [row] = [...rows].sort((a, b) => badness(b) - badness(a));
  return row === undefined ? [] : [make(row, formatBytes(row.bytes))];
}
