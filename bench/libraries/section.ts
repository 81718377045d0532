import type { Pipeline } from '../../examples/demo/pipeline.js';
import { advantage, type Comparison } from '../comparison.js';
import { type Section, type SectionResult, type Target, target } from '../section.js';
import { geometricMean } from '../support/geometric-mean.js';
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
    const { panel, jobs, ...sizes } = SIZES[profile];
    const comparisons: Comparison[] = [];
    for (const { library, input } of panel) {
      const start = (variant: LibraryTask['variant']) => () =>
        startLibrary({ library, variant, jobs: jobs[library] }, optionsFor(variant));
      const measured = await comparePasses(
        library,
        {
          plain: start('plain'),
          collected: start('collected'),
          exit: start('exit'),
          floor: start('floor'),
        },
        sizes,
        () => step(library),
      );
      comparisons.push(comparisonOf(library, input, measured));
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

function targetsOf(
  panel: readonly Pipeline[],
  comparisons: readonly Comparison[],
  variant: string,
): Target[] {
  const speeds = comparisons.map((comparison, i) => ({
    library: panel[i]?.library,
    speed: advantage(comparison, variant).median,
    floor: advantage(comparison, 'floor').median,
  }));
  const worst = speeds.reduce((a, b) => (b.speed < a.speed ? b : a));
  return [
    target(
      `'${variant}', unmodified libraries: geometric mean`,
      geometricMean(speeds.map(({ speed }) => speed)),
      'at least',
      LEAST_MEAN,
      '×',
      geometricMean(speeds.map(({ floor }) => floor)),
    ),
    target(
      `'${variant}', unmodified libraries: the worst, ${worst.library}`,
      worst.speed,
      'at least',
      LEAST,
      '×',
      worst.floor,
    ),
  ];
}
