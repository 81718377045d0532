import { advantage, advantageOver } from '../comparison.js';
import { type Target, target } from '../section.js';
import { KIB, MIB } from '../settings.js';
import { formatBytes } from '../support/format.js';
import { BY_LENGTH } from './constructions.js';
import type { Measured } from './measure.js';
import { comparisonOf } from './report.js';
import { RELEASES, type Release } from './variant.js';
import type { Workload } from './workloads.js';

/** From here on arenas serve arrays. */
const LEAST_BYTES = 128;

/** The least speed that is promised with one element written, by the bytes of the array. */
const LEAST_SPEEDS: readonly (readonly [Release, from: number, to: number, least: number])[] = [
  ['exit', 1 * KIB, 1 * KIB, 9],
  ['exit', 8 * KIB, 8 * KIB, 8],
  ['exit', 64 * KIB, 64 * KIB, 3],
  ['exit', 1 * MIB, 1 * MIB, 4],
  ['collected', LEAST_BYTES, 1 * KIB, 5],
  ['collected', 8 * KIB, 8 * KIB, 2.5],
  ['collected', 64 * KIB, 1 * MIB, 1.5],
];

/** The most time that is promised, by that of the floor. */
const MOST_OF_FLOOR: readonly (readonly [Release, Workload, most: number])[] = [
  ['exit', 'one element written', 1.15],
  ['exit', 'every element written', 1.15],
  ['collected', 'every element written', 1.3],
];

/** Of the promises, those about sizes that were measured. */
export function targetsOf(measured: readonly Measured[]): Target[] {
  const rows = measured.filter(({ larger }) => !larger);
  const byLength = rows.filter(({ construction }) => construction === BY_LENGTH);
  const touched = byLength.filter(({ workload }) => workload === 'one element written');
  return [
    ...LEAST_SPEEDS.flatMap(([release, from, to, least]) =>
      slowest(
        touched.filter(({ bytes }) => bytes >= from && bytes <= to),
        release,
        `one element written, ${from === to ? formatBytes(from) : `worst of ${formatBytes(from)} to ${formatBytes(to)}`}`,
        least,
      ),
    ),
    ...MOST_OF_FLOOR.flatMap(([release, workload, most]) =>
      furthestFromFloor(
        byLength.filter((row) => row.workload === workload && row.bytes >= LEAST_BYTES),
        release,
        workload,
        most,
      ),
    ),
    ...RELEASES.flatMap((release) => [
      ...slowest(
        rows.filter((row) => row.workload !== 'never written' && speedOf(row, 'floor') >= 1),
        release,
        'where arrays are written or read, worst of all sizes and constructions',
        1,
      ),
      ...slowest(
        rows.filter((row) => row.workload !== 'never written' && speedOf(row, 'floor') < 1),
        release,
        'where arrays are written or read, worst of those whose floor is slower than plain Node',
        1,
      ),
      ...slowest(
        rows.filter(({ workload, bytes }) => workload === 'never written' && bytes >= MIB),
        release,
        'never written, worst from 1 MB up',
        1,
      ),
    ]),
  ];
}

function slowest(
  rows: readonly Measured[],
  release: Release,
  where: string,
  least: number,
): Target[] {
  return worst(rows, (row) => -speedOf(row, release)).map((row) =>
    target(
      `'${release}' against plain Node, ${where}${named(row, rows)}`,
      speedOf(row, release),
      'at least',
      least,
      '×',
      speedOf(row, 'floor'),
    ),
  );
}

function furthestFromFloor(
  rows: readonly Measured[],
  release: Release,
  workload: Workload,
  most: number,
): Target[] {
  return worst(rows, (row) => timeByFloor(row, release)).map((row) =>
    target(
      `'${release}' against the floor, ${workload}, worst from ${formatBytes(LEAST_BYTES)} up${named(row, rows)}`,
      timeByFloor(row, release),
      'at most',
      most,
      '×',
    ),
  );
}

function speedOf(measured: Measured, variant: Release | 'floor'): number {
  return advantage(comparisonOf(measured), variant).median;
}

function timeByFloor(measured: Measured, release: Release): number {
  return 1 / advantageOver(comparisonOf(measured), release, 'floor').median;
}

/** The row itself where it is one of several. */
function named({ construction, workload, bytes }: Measured, rows: readonly Measured[]): string {
  if (rows.length < 2) return '';
  const differ = rows.some((row) => row.construction !== construction);
  return differ
    ? ` (${construction}, ${workload}, ${formatBytes(bytes)})`
    : ` (${formatBytes(bytes)})`;
}

/** None or one. */
function worst(rows: readonly Measured[], badness: (row: Measured) => number): Measured[] {
  return [...rows].sort((a, b) => badness(b) - badness(a)).slice(0, 1);
}
