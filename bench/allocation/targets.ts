import { advantage, advantageOver, floorOf } from '../comparison.js';
import { isExcusedBy, type Target, target } from '../section.js';
import { KIB, MIB } from '../settings.js';
import { formatBytes } from '../support/format.js';
import { inverse, type Spread } from '../support/spread.js';
import { BY_LENGTH, CONSTRUCTIONS } from './constructions.js';
import type { Measured } from './measure.js';
import { comparisonOf } from './report.js';
import {
  AGAIN,
  FLOOR_AGAIN,
  RELEASES,
  type Release,
  STAND_IN,
  type Variant,
  WALKED,
} from './variant.js';
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

/** The most time that is promised of `'exit'`, by that of the floor. */
const MOST_IN_EXIT = 1.15;
const WORKLOADS_IN_EXIT: readonly Workload[] = ['one element written', 'every element written'];
/** Of `'collected'`, where every element is written. */
const MOST_IN_COLLECTED = 1.3;

/** What is promised of the worst of some rows. */
interface Promised {
  readonly claim: string;
  readonly concerns: (row: Measured) => boolean;
  readonly figure: (row: Measured) => Spread;
  readonly bound: Target['bound'];
  readonly limit: number;
  /** A figure of the same kind, of what hardly anything can beat. */
  readonly floor?: (row: Measured) => number;
  /** What plain Node or the floor against itself comes to in such a row; undefined where that was not measured. */
  readonly control?: (row: Measured) => number | undefined;
}

const isByLength = ({ construction }: Measured) => construction === BY_LENGTH;

const PROMISES: readonly Promised[] = [
  ...LEAST_SPEEDS.map(([release, from, to, limit]): Promised => {
    const where =
      from === to ? formatBytes(from) : `worst of ${formatBytes(from)} to ${formatBytes(to)}`;
    return {
      claim: `'${release}' against plain Node, one element written, ${where}`,
      concerns: (row) =>
        isByLength(row) &&
        row.workload === 'one element written' &&
        row.bytes >= from &&
        row.bytes <= to,
      figure: (row) => speedOf(row, release),
      bound: 'at least',
      limit,
      floor: (row) => floorOf(comparisonOf(row), 'floor'),
    };
  }),
  ...WORKLOADS_IN_EXIT.map(
    (workload): Promised => ({
      claim: `'exit' against the floor, ${workload}, worst from ${formatBytes(LEAST_BYTES)} up`,
      concerns: (row) => isFromLeastUp(row, workload),
      figure: (row) => timeByFloor(row, 'exit'),
      bound: 'at most',
      limit: MOST_IN_EXIT,
      control: timeOfFloorAgain,
    }),
  ),
  ...[
    { where: `worst from ${formatBytes(LEAST_BYTES)} up`, isIn: canBeCollected },
    {
      where: 'worst of those where a walk through kept memory takes longer',
      isIn: (row: Measured) => !canBeCollected(row),
    },
  ].map(
    ({ where, isIn }): Promised => ({
      claim: `'collected' against the floor, every element written, ${where}`,
      concerns: (row) => isFromLeastUp(row, 'every element written') && isIn(row),
      figure: (row) => timeByFloor(row, 'collected'),
      bound: 'at most',
      limit: MOST_IN_COLLECTED,
      floor: leastWalked,
      control: timeOfFloorAgain,
    }),
  ),
  ...RELEASES.flatMap((release): Promised[] => {
    const atLeastPlain = {
      figure: (row: Measured) => speedOf(row, release),
      bound: 'at least',
      limit: 1,
      floor: (row: Measured) => mostSpeed(row, release),
      control: (row: Measured) => ifMeasured(row, AGAIN, () => speedOf(row, AGAIN).median),
    } as const;
    return [
      {
        ...atLeastPlain,
        claim: `'${release}' against plain Node, where arrays are written or read, worst of all sizes and constructions`,
        concerns: (row) => row.workload !== 'never written' && speedOf(row, 'floor').median >= 1,
      },
      {
        ...atLeastPlain,
        claim: `'${release}' against plain Node, where arrays are written or read, worst of those whose floor is slower than plain Node`,
        concerns: (row) => row.workload !== 'never written' && speedOf(row, 'floor').median < 1,
      },
      {
        ...atLeastPlain,
        claim: `'${release}' against plain Node, never written, worst from 1 MB up`,
        concerns: ({ workload, bytes }) => workload === 'never written' && bytes >= MIB,
      },
    ];
  }),
];

/** Of the promises, those about sizes that were measured. */
export function targetsOf(measured: readonly Measured[]): Target[] {
  return PROMISES.flatMap((promised) => {
    const rows = rowsOf(promised, measured);
    const [row] = rows;
    if (row === undefined) return [];
    const { claim, figure, bound, limit, floor, control } = promised;
    const beside = { floor: floor?.(row), control: control?.(row) };
    return [target(`${claim}${named(row, rows)}`, figure(row), bound, limit, '×', beside)];
  });
}

/**
 * Rows that do not keep a promise and are not excused by their floor, those furthest from it first; one may
 * break several.
 */
export function shortOf(measured: readonly Measured[]): Measured[] {
  const short = PROMISES.flatMap((promised) =>
    rowsOf(promised, measured)
      .map((row) => ({ row, shortfall: shortfall(promised, row) }))
      .filter((one) => one.shortfall > 1 && !isOutOfReach(promised, one.row)),
  );
  const sorted = short.sort((a, b) => b.shortfall - a.shortfall).map(({ row }) => row);
  return [...new Set(sorted)];
}

/** The rows that a promise is about, the worst first. */
function rowsOf(promised: Promised, measured: readonly Measured[]): Measured[] {
  return measured
    .filter((row) => !row.larger && promised.concerns(row))
    .sort((a, b) => shortfall(promised, b) - shortfall(promised, a));
}

/** How many times as good it would have to be; 1 or less where the promise is kept. */
function shortfall({ figure, bound, limit }: Promised, row: Measured): number {
  const { median } = figure(row);
  return bound === 'at least' ? limit / median : median / limit;
}

function isOutOfReach({ figure, floor, bound, limit }: Promised, row: Measured): boolean {
  if (floor === undefined) return false;
  return isExcusedBy(floor(row), { measured: figure(row).median, bound, limit, unit: '×' });
}

function isFromLeastUp(row: Measured, workload: Workload): boolean {
  return isByLength(row) && row.workload === workload && row.bytes >= LEAST_BYTES;
}

/** Whether anything that waits for collections could keep what is promised of `'collected'`. */
function canBeCollected(row: Measured): boolean {
  return leastWalked(row) <= MOST_IN_COLLECTED;
}

/** The lower quartile: another process may have been unlucky, which is not to excuse ours. */
function leastWalked(row: Measured): number {
  return timeByFloor(row, WALKED).low;
}

/** Where Node is to make it, nothing that stands in for Node's function can be faster than what only calls that. */
function mostSpeed(row: Measured, release: Release): number {
  const comparison = comparisonOf(row);
  const floor = floorOf(comparison, 'floor');
  if (row.bytes >= CONSTRUCTIONS[row.construction].leastBytes[release]) return floor;
  return Math.min(floor, ifMeasured(row, STAND_IN, () => floorOf(comparison, STAND_IN)) ?? floor);
}

function timeOfFloorAgain(row: Measured): number | undefined {
  return ifMeasured(row, FLOOR_AGAIN, () => timeByFloor(row, FLOOR_AGAIN).median);
}

function ifMeasured(
  { rounds }: Measured,
  variant: Variant,
  figure: () => number,
): number | undefined {
  return rounds[variant] === undefined ? undefined : figure();
}

function speedOf(measured: Measured, variant: Variant): Spread {
  return advantage(comparisonOf(measured), variant);
}

function timeByFloor(measured: Measured, variant: Variant): Spread {
  return inverse(advantageOver(comparisonOf(measured), variant, 'floor'));
}

/** The row itself where it is one of several. */
function named({ construction, workload, bytes }: Measured, rows: readonly Measured[]): string {
  if (rows.length < 2) return '';
  const differ = rows.some((row) => row.construction !== construction);
  return differ
    ? ` (${construction}, ${workload}, ${formatBytes(bytes)})`
    : ` (${formatBytes(bytes)})`;
}
