import { type Comparison, percentMore } from '../comparison.js';
import { type Section, type SectionResult, type Target, target } from '../section.js';
import type { Settings } from '../settings.js';
import { ALLOCATIONS, OPERATIONS } from './operations.js';
import { comparePairs, type Pairs } from './pairs.js';

const CONTROL = 'new Float64Array, 1 KB' satisfies keyof typeof ALLOCATIONS;
const MOST_PERCENT = 2;

export const outside: Section = {
  name: 'outside',
  about: 'ordinary code outside all scopes, with and without the package',

  steps(settings) {
    return [CONTROL, ...Object.keys(OPERATIONS)].reduce(
      (sum, operation) => sum + pairsFor(operation, settings),
      0,
    );
  },

  async run(settings, step): Promise<SectionResult> {
    const comparisons: Comparison[] = [];
    const compare = async (operation: string, control: boolean) => {
      const pairs = pairsFor(operation, settings);
      const rounds = await comparePairs(operation, { control, pairs, settings, step });
      comparisons.push(comparisonOf(operation, control, rounds));
    };
    await compare(CONTROL, true);
    for (const operation of Object.keys(OPERATIONS)) await compare(operation, false);
    return { comparisons, targets: targetsOf(comparisons) };
  },
};

function pairsFor(operation: string, { pairs, allocatingPairs }: Settings): number {
  return operation in ALLOCATIONS ? allocatingPairs : pairs;
}

function comparisonOf(operation: string, control: boolean, rounds: Pairs): Comparison {
  return {
    section: outside.name,
    group:
      'Outside all scopes: processes that have loaded the package and used it before, and others',
    name: control ? `control: ${operation}` : operation,
    unit: 'ns',
    better: 'less',
    baseline: 'without',
    ours: control ? [] : ['with'],
    rounds,
    ...(control ? { remark: 'the package is loaded in neither: what differs is noise' } : {}),
  };
}

function targetsOf(comparisons: readonly Comparison[]): Target[] {
  return comparisons
    .filter(({ name }) => name in ALLOCATIONS)
    .map((comparison) =>
      target(
        `${comparison.name}, outside scopes: cost of the package`,
        percentMore(comparison, 'with'),
        'at most',
        MOST_PERCENT,
        '%',
      ),
    );
}
