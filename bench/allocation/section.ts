import type { Section, SectionResult } from '../section.js';
import { KIB, type Settings } from '../settings.js';
import { formatBytes } from '../support/format.js';
import { joined } from '../support/joined.js';
import { Schedule } from '../support/schedule.js';
import {
  BY_LENGTH,
  CONSTRUCTION_NAMES,
  CONSTRUCTIONS,
  type ConstructionName,
  usesOf,
} from './constructions.js';
import { type HowOften, type Measured, measure } from './measure.js';
import { comparisonOf, peersFor } from './report.js';
import { type Shape, shapeOf, shapesInLargerScopes } from './shape.js';
import { type AllocationSizes, LARGE, SIZES } from './sizes.js';
import { shortOf, targetsOf } from './targets.js';
import { AGAIN, type Beside, FLOOR_AGAIN, RELEASES, STAND_IN, WALKED } from './variant.js';
import { READ_BACK, type Workload } from './workloads.js';

// Until malloc keeps what it is given back, its memory is new each time: each page costs a fault, and an array of 64 KB 25 µs
// instead of 10. What plain Node makes in one round after the other gets there in the first; what V8 makes in scopes, with
// batches in between that malloc has no part in, after three. Where time is short, those are for what is measured again.
const SETTLING = 3;
// Seen at 64 KB. An array of a page or two has few faults, and takes a round of many.
const SETTLING_BYTES = 32 * KIB;

export const allocation: Section = {
  name: 'allocation',
  about: 'making arrays of 64 B to 256 MB: plain, in arenas, by pools, and the floor',

  steps({ profile }) {
    return casesOf(SIZES[profile]).length;
  },

  async run({ profile }: Settings, step): Promise<SectionResult> {
    const sizes = SIZES[profile];
    const rows: Measured[] = [];
    const cases = casesOf(sizes);
    const schedule = new Schedule(sizes.milliseconds);
    const work = workOf(cases);
    for (const [i, one] of cases.entries()) {
      const { construction, shape } = one;
      step(`${construction}, ${formatBytes(shape.bytes)} × ${shape.arraysPerScope}`);
      const wanted = shape.bytes >= LARGE ? sizes.roundsIfLarge : sizes.rounds;
      const isBehind = schedule.isBehind(workOf(cases.slice(0, i)) / work);
      const howOften = isBehind
        ? { rounds: Math.ceil(wanted / 2), rehearsals: sizes.rehearsals, earlier: 0 }
        : { rounds: wanted, rehearsals: rehearsalsOf(one, sizes), earlier: 0 };
      rows.push(...(await measureCase(one, [WALKED], howOften, sizes)));
    }
    const measured = await lookAgain(rows, sizes, leftFor(sizes.againMilliseconds, schedule));
    return { comparisons: measured.map(comparisonOf), targets: targetsOf(measured) };
  },
};

function measureCase(
  { construction, shape, workloads }: Case,
  beside: readonly Beside[],
  howOften: HowOften,
  { warmUpMilliseconds }: AllocationSizes,
): Promise<Measured[]> {
  const peers = peersFor(construction, shape);
  const variants = ['plain', ...RELEASES, 'floor', ...beside, ...peers] as const;
  return measure({ construction, shape, warmUpMilliseconds, variants }, workloads, howOften);
}

function rehearsalsOf(one: Case, { rehearsals }: AllocationSizes): number {
  return isLeftToV8(one) && one.shape.bytes >= SETTLING_BYTES ? SETTLING * rehearsals : rehearsals;
}

/** What the first look has left of the time for the second one: a third of it at least. */
function leftFor(againMilliseconds: number, { left }: Schedule): number {
  const most = Math.min(againMilliseconds, againMilliseconds + left);
  return Math.max(most, againMilliseconds / 3);
}

/** Measures the rows that miss what is promised once more, in new processes; see second-look.ts. */
async function lookAgain(
  rows: readonly Measured[],
  sizes: AllocationSizes,
  milliseconds: number,
): Promise<Measured[]> {
  const end = performance.now() + milliseconds;
  const more = new Map<Measured, Measured>();
  for (const row of shortOf(rows)) {
    if (performance.now() >= end) break;
    more.set(row, { ...row, rounds: await measureAgain(row, sizes), missed: row.rounds });
  }
  return rows.map((row) => more.get(row) ?? row);
}

async function measureAgain(
  { construction, workload, bytes }: Measured,
  sizes: AllocationSizes,
): Promise<Measured['rounds']> {
  const again = caseAgain(
    { construction, shape: shapeOf(bytes, sizes), workloads: [workload] },
    sizes,
  );
  const beside = besideAgain(again);
  const { roundsAgain: rounds, setsAgain } = sizes;
  const rehearsals = rehearsalsOf(again, sizes);
  const sets: Measured['rounds'][] = [];
  for (let set = 0; set < setsAgain; set++) {
    const howOften = { rounds, rehearsals, earlier: set * rounds };
    const [measured] = (await measureCase(again, beside, howOften, sizes)) as [Measured];
    sets.push(measured.rounds);
  }
  return sets.reduce((first, more) => joined(first, more));
}

/** With more arrays in a batch, but where V8 makes them all, for which each takes long enough. */
function caseAgain(again: Case, sizes: AllocationSizes): Case {
  if (isLeftToV8(again)) return again;
  const arraysPerBatch = sizes.arraysPerBatchAgain;
  return { ...again, shape: shapeOf(again.shape.bytes, { ...sizes, arraysPerBatch }) };
}

/** What a row that missed something is to be seen beside. */
function besideAgain(again: Case): Beside[] {
  if (again.construction === BY_LENGTH) return [WALKED, FLOOR_AGAIN];
  return isLeftToV8(again) ? [AGAIN, STAND_IN] : [AGAIN];
}

/** Whether V8 makes such arrays in scopes of either kind, too. */
function isLeftToV8({ construction, shape }: Case): boolean {
  const { leastBytes } = CONSTRUCTIONS[construction];
  return RELEASES.some((release) => shape.bytes < leastBytes[release]);
}

/** What a set of processes measures together. */
interface Case {
  readonly construction: ConstructionName;
  readonly shape: Shape;
  readonly workloads: readonly Workload[];
}

/** Roughly what these cases take, in what one variant takes. */
function workOf(cases: readonly Case[]): number {
  const work = cases.map(({ construction, shape, workloads }) => {
    const variants = ['plain', ...RELEASES, 'floor', WALKED].length;
    return workloads.length * (variants + peersFor(construction, shape).length);
  });
  return work.reduce((sum, part) => sum + part, 0);
}

function casesOf(sizes: AllocationSizes): Case[] {
  return [
    ...CONSTRUCTION_NAMES.flatMap((construction): Case[] =>
      (construction === BY_LENGTH ? sizes.byLength : sizes.others).map((bytes) => ({
        construction,
        shape: shapeOf(bytes, sizes),
        workloads: usesOf(construction).filter(
          (workload) => workload !== READ_BACK || sizes.readBack.includes(bytes),
        ),
      })),
    ),
    ...shapesInLargerScopes(sizes).map(
      (shape): Case => ({
        construction: BY_LENGTH,
        shape,
        workloads: ['one element written'],
      }),
    ),
  ];
}
