import type { Pipeline } from '../../examples/demo/pipeline.js';
import { advantage, advantages, type Comparison } from '../comparison.js';
import { type Section, type SectionResult, type Target, target } from '../section.js';
import { geometricMean, geometricMeanSpread } from '../support/geometric-mean.js';
import { joined } from '../support/joined.js';
import { comparePasses, type PassRounds } from '../support/pass-sets.js';
import { type LibraryTask, optionsFor, startLibrary } from './process.js';
import { SIZES } from './sizes.js';

const OURS = ['collected', 'exit'] as const;
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
    const { panel, jobs, againMilliseconds, ...sizes } = SIZES[profile];
    const compare = async (
      { library, input }: Pipeline,
      onSet: () => void,
    ): Promise<Comparison> => {
      const start = (variant: LibraryTask['variant']) => () =>
        startLibrary({ library, variant, jobs: jobs[library] }, optionsFor(variant));
      const processes = {
        plain: start('plain'),
        collected: start('collected'),
        exit: start('exit'),
        floor: start('floor'),
      };
      return comparisonOf(library, input, await comparePasses(library, processes, sizes, onSet));
    };

    const comparisons: Comparison[] = [];
    for (const pipeline of panel) {
      comparisons.push(await compare(pipeline, () => step(pipeline.library)));
    }
    // The worst of ten is mostly the one that was disturbed: the worst are looked at again, in new
    // processes, and all rounds count.
    const end = performance.now() + againMilliseconds;
    for (const i of worstFirst(comparisons)) {
      const first = comparisons[i] as Comparison;
      if (performance.now() >= end || worstOf(first) >= LEAST) break;
      const more = await compare(panel[i] as Pipeline, () => {});
      comparisons[i] = { ...first, rounds: joined(first.rounds, more.rounds) };
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
    rounds,
    sha256,
    ...(remark === undefined ? {} : { remark }),
  };
}

function worstOf(comparison: Comparison): number {
  return Math.min(...OURS.map((variant) => advantage(comparison, variant).median));
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
      { floor: worst.floor },
    ),
  ];
}
