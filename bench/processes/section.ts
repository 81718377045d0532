import type { Comparison } from '../comparison.js';
import type { Section, SectionResult } from '../section.js';
import { formatBytes } from '../support/format.js';
import { roundsWithin } from '../support/rounds-within.js';
import { runSet, type SetOfProcesses } from './measure.js';
import { SIZES } from './sizes.js';
import { BASELINE, findVariants, isOurs, type ProcessVariant } from './variants.js';

const PROGRAM = 'A program that makes arrays and writes every element, as a whole process';
const NO_PEAKS = 'peak memory is left out: this system has no /proc/self/status';

export const processes: Section = {
  name: 'processes',
  about: 'a program that allocates: arenas, other mallocs, malloc tuned, other young generations',

  steps({ profile }) {
    const { sizes, sets } = SIZES[profile];
    return sizes.length * sets;
  },

  async run({ profile }, step): Promise<SectionResult> {
    const amounts = SIZES[profile];
    // A smoke run is part of the tests, which fetch nothing.
    const { variants, leftOut } = await findVariants(profile !== 'smoke');
    const comparisons: Comparison[] = [];
    for (const bytes of amounts.sizes) {
      const sets: SetOfProcesses[] = [];
      for (const _ of roundsWithin(amounts.sets, amounts.millisecondsPerSize)) {
        step(formatBytes(bytes));
        sets.push(await runSet(variants, bytes, amounts));
      }
      comparisons.push(...comparisonsOf(bytes, sets, variants, leftOut));
    }
    return { comparisons, targets: [] };
  },
};

function comparisonsOf(
  bytes: number,
  sets: readonly SetOfProcesses[],
  variants: readonly ProcessVariant[],
  leftOut: readonly string[],
): Comparison[] {
  const hasPeaks = sets.every(({ peaks }) => Object.keys(peaks).length === variants.length);
  const remarks = hasPeaks ? leftOut : [...leftOut, NO_PEAKS];
  const common = {
    section: processes.name,
    name: formatBytes(bytes),
    better: 'less',
    baseline: BASELINE,
    ours: variants.filter(isOurs).map(({ name }) => name),
    rivals: variants.filter((one) => one.name !== BASELINE && !isOurs(one)).map(({ name }) => name),
    ...(remarks.length === 0 ? {} : { remark: remarks.join('; ') }),
  } as const;
  const roundsOf = (valuesOf: (set: SetOfProcesses) => Readonly<Record<string, number>>) =>
    Object.fromEntries(
      variants.map(({ name }) => [name, sets.map((set) => valuesOf(set)[name] as number)]),
    );
  const times: Comparison = {
    ...common,
    group: `${PROGRAM}: time for one array`,
    unit: 'ns',
    rounds: roundsOf(({ times }) => times),
  };
  if (!hasPeaks) return [times];
  const peaks: Comparison = {
    ...common,
    group: `${PROGRAM}: peak resident memory`,
    unit: 'bytes',
    rounds: roundsOf(({ peaks }) => peaks),
  };
  return [times, peaks];
}
