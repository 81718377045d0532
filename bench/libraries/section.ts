import type { Pipeline } from '../../examples/demo/pipeline.js';
import { advantage, advantages, type Comparison, floorOf } from '../comparison.js';
import { secondLook } from '../second-look.js';
import { type Section, type SectionResult, type Target, target } from '../section.js';
import { geometricMean, geometricMeanSpread } from '../support/geometric-mean.js';
import { comparePasses, type PassRounds, type PassSizes } from '../support/pass-sets.js';
import { Schedule } from '../support/schedule.js';
import { type LibraryTask, optionsFor, startLibrary } from './process.js';
import { SIZES } from './sizes.js';

const OURS = ['collected', 'exit'] as const;
const AGAIN = 'plain again';

const VARIANTS = { plain: 'plain', collected: 'collected', exit: 'exit', floor: 'floor' } as const;
/** Of what is measured again: the control tells how far two processes of plain Node differ. */
const VARIANTS_AGAIN = { ...VARIANTS, [AGAIN]: 'plain' } as const;
const LEAST = 0.97;
/** Allocation and collection of typed arrays cost more from Node 24 on. */
const LEAST_MEAN = Number.parseInt(process.versions.node, 10) >= 24 ? 1.25 : 1.15;

/** What libraries need in `'exit'` scopes, as docs/libraries.md says. */
const REMARKS: Readonly<Record<string, string>> = {
  pako: "'exit' needs that its tables are built outside all scopes; each process does all jobs once there",
};

export const libraries: Section = {
  name: 'libraries',
  about:
    'unmodified libraries on real files: processes of plain Node, and others with a scope per job',

  steps({ profile }) {
    const { panel, sets } = SIZES[profile];
    return panel.length * sets;
  },

  async run({ profile }, step): Promise<SectionResult> {
    const { panel, jobs, again, millisecondsInAll, ...sizes } = SIZES[profile];
    const compare = async (
      { library, input }: Pipeline,
      variants: Readonly<Record<string, LibraryTask['variant']>>,
      passSizes: PassSizes,
      onSet: () => void,
    ): Promise<Comparison> => {
      const processes = Object.fromEntries(
        Object.entries(variants).map(([name, variant]) => [
          name,
          () => startLibrary({ library, variant, jobs: jobs[library] }, optionsFor(variant)),
        ]),
      );
      const measured = await comparePasses(library, processes, passSizes, onSet);
      return comparisonOf(library, input, measured);
    };

    const schedule = new Schedule(millisecondsInAll);
    const comparisons: Comparison[] = [];
    const milliseconds: number[] = [];
    for (const pipeline of panel) {
      const start = performance.now();
      const onSet = () => step(pipeline.library);
      comparisons.push(await compare(pipeline, VARIANTS, sizes, onSet));
      milliseconds.push(performance.now() - start);
    }
    for (const [nth, i] of worstFirst(comparisons).entries()) {
      const first = comparisons[i] as Comparison;
      if (worstOf(first) >= LEAST) break;
      const expected = millisecondsAgain(milliseconds[i] as number, sizes, again);
      if (nth > 0 && !schedule.hasLeft(expected)) continue;
      const second = await compare(panel[i] as Pipeline, VARIANTS_AGAIN, again, () => {});
      comparisons[i] = secondLook(first, second);
    }
    return {
      comparisons,
      targets: OURS.flatMap((variant) => targetsOf(panel, comparisons, variant)),
    };
  },
};

function comparisonOf(library: string, input: string, { rounds, sha256 }: PassRounds): Comparison {
  const remark = REMARKS[library];
  return {
    section: libraries.name,
    group: 'Unmodified libraries, a scope per job',
    name: `${library}: ${input}`,
    unit: 'ns',
    better: 'less',
    baseline: 'plain',
    ours: OURS,
    ...(rounds[AGAIN] === undefined ? {} : { control: AGAIN }),
    rounds,
    sha256,
    ...(remark === undefined ? {} : { remark }),
  };
}

function worstOf(comparison: Comparison): number {
  return Math.min(...OURS.map((variant) => advantage(comparison, variant).median));
}

/** What a second look takes, by what the first one took. */
function millisecondsAgain(first: number, sizes: PassSizes, again: PassSizes): number {
  const more = Object.keys(VARIANTS_AGAIN).length / Object.keys(VARIANTS).length;
  const rest = first / sizes.sets - sizes.millisecondsPerSet;
  return again.sets * (more * rest + again.millisecondsPerSet);
}

/** Where they stand in the list. */
function worstFirst(comparisons: readonly Comparison[]): number[] {
  const speeds = comparisons.map(worstOf);
  return [...speeds.keys()].sort((a, b) => (speeds[a] as number) - (speeds[b] as number));
}

function targetsOf(
  panel: readonly Pipeline[],
  comparisons: readonly Comparison[],
  variant: string,
): Target[] {
  const speeds = comparisons.map((comparison, i) => ({
    library: panel[i]?.library,
    speed: advantage(comparison, variant),
    floor: advantage(comparison, 'floor').median,
    excuse: floorOf(comparison, 'floor'),
    control:
      comparison.control === undefined
        ? undefined
        : advantage(comparison, comparison.control).median,
  }));
  const worst = speeds.reduce((a, b) => (b.speed.median < a.speed.median ? b : a));
  return [
    target(
      `'${variant}', unmodified libraries: geometric mean`,
      geometricMeanSpread(comparisons.map((comparison) => advantages(comparison, variant))),
      'at least',
      LEAST_MEAN,
      '×',
      { floor: geometricMean(speeds.map(({ floor }) => floor)) },
    ),
    target(
      `'${variant}', unmodified libraries: the worst, ${worst.library}`,
      worst.speed,
      'at least',
      LEAST,
      '×',
      { floor: worst.excuse, control: worst.control },
    ),
  ];
}
