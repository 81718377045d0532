import type { Section, SectionResult } from '../section.js';
import type { Settings } from '../settings.js';
import { formatBytes } from '../support/format.js';
import { BY_LENGTH, CONSTRUCTION_NAMES, type ConstructionName, usesOf } from './constructions.js';
import { type Measured, measure } from './measure.js';
import { comparisonOf, peersFor } from './report.js';
import { type Shape, shapeOf, shapesInLargerScopes } from './shape.js';
import { type AllocationSizes, LARGE, SIZES } from './sizes.js';
import { targetsOf } from './targets.js';
import { RELEASES } from './variant.js';
import type { Workload } from './workloads.js';

export const allocation: Section = {
  name: 'allocation',
  about: 'making arrays of 64 B to 256 MB: plain, in arenas, by pools, and the floor',

  steps({ profile }) {
    return casesOf(SIZES[profile]).length;
  },

  async run({ profile }: Settings, step): Promise<SectionResult> {
    const sizes = SIZES[profile];
    const rows: Measured[] = [];
    for (const { construction, shape, workloads } of casesOf(sizes)) {
      step(`${construction}, ${formatBytes(shape.bytes)} × ${shape.arraysPerScope}`);
      const variants = ['plain', ...RELEASES, 'floor', ...peersFor(construction, shape)] as const;
      const { warmUpMilliseconds } = sizes;
      rows.push(
        ...(await measure({ construction, shape, warmUpMilliseconds, variants }, workloads, {
          rounds: shape.bytes >= LARGE ? sizes.roundsIfLarge : sizes.rounds,
          rehearsals: sizes.rehearsals,
        })),
      );
    }
    return { comparisons: rows.map(comparisonOf), targets: targetsOf(rows) };
  },
};

/** What two processes measure together. */
interface Case {
  readonly construction: ConstructionName;
  readonly shape: Shape;
  readonly workloads: readonly Workload[];
}

function casesOf(sizes: AllocationSizes): Case[] {
  return [
    ...CONSTRUCTION_NAMES.flatMap((construction): Case[] =>
      (construction === BY_LENGTH ? sizes.byLength : sizes.others).map((bytes) => ({
        construction,
        shape: shapeOf(bytes, sizes),
        workloads: usesOf(construction),
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
