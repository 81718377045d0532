import type { Section, SectionResult } from '../section.js';
import type { Settings } from '../settings.js';
import { formatBytes } from '../support/format.js';
import { joined } from '../support/joined.js';
import { BY_LENGTH, CONSTRUCTION_NAMES, type ConstructionName, usesOf } from './constructions.js';
import { type Measured, measure } from './measure.js';
import { comparisonOf, peersFor } from './report.js';
import { type Shape, shapeOf, shapesInLargerScopes } from './shape.js';
import { type AllocationSizes, LARGE, SIZES } from './sizes.js';
import { shortOf, targetsOf } from './targets.js';
import { AGAIN, RELEASES, type Variant, WALKED } from './variant.js';
import { READ_BACK, type Workload } from './workloads.js';

export const allocation: Section = {
  name: 'allocation',
  about: 'making arrays of 64 B to 256 MB: plain, in arenas, by pools, and the floor',

  steps({ profile }) {
    return casesOf(SIZES[profile]).length;
  },

  async run({ profile }: Settings, step): Promise<SectionResult> {
    const sizes = SIZES[profile];
    const rows: Measured[] = [];
    for (const one of casesOf(sizes)) {
      const { construction, shape } = one;
      step(`${construction}, ${formatBytes(shape.bytes)} × ${shape.arraysPerScope}`);
      const rounds = shape.bytes >= LARGE ? sizes.roundsIfLarge : sizes.rounds;
      rows.push(...(await measureCase(one, rounds, sizes)));
    }
    const measured = await lookAgain(rows, sizes);
    return { comparisons: measured.map(comparisonOf), targets: targetsOf(measured) };
  },
};

function measureCase(
  { construction, shape, workloads }: Case,
  rounds: number,
  { warmUpMilliseconds, rehearsals }: AllocationSizes,
  earlier = 0,
): Promise<Measured[]> {
  // Arrays by length are many times as fast in scopes: where those are slower, it is not by chance.
  const beside = construction === BY_LENGTH ? WALKED : AGAIN;
  const peers = peersFor(construction, shape);
  const variants: Variant[] = ['plain', ...RELEASES, 'floor', beside, ...peers];
  const task = { construction, shape, warmUpMilliseconds, variants };
  return measure(task, workloads, { rounds, rehearsals, earlier });
}

/**
 * Measures more rounds of the rows that miss what is promised, in new processes. Those rounds count
 * as much as the first ones: the worst of a hundred rows is mostly the one that was disturbed.
 */
async function lookAgain(rows: readonly Measured[], sizes: AllocationSizes): Promise<Measured[]> {
  const end = performance.now() + sizes.againMilliseconds;
  const more = new Map<Measured, Measured>();
  for (const row of shortOf(rows)) {
    if (performance.now() >= end) break;
    const { construction, workload, rounds, ...shape } = row;
    const again = { construction, shape, workloads: [workload] };
    let all = rounds;
    for (let set = 0; set < sizes.setsAgain; set++) {
      const earlier = all.plain?.length ?? 0;
      const [measured] = await measureCase(again, sizes.roundsAgain, sizes, earlier);
      all = joined(all, measured?.rounds ?? {});
    }
    more.set(row, { ...row, rounds: all });
  }
  return rows.map((row) => more.get(row) ?? row);
}

/** What a set of processes measures together. */
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
