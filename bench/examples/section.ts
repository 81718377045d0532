import { advantage, advantageOver, type Comparison } from '../comparison.js';
import { type Section, type SectionResult, type Target, target } from '../section.js';
import { digits } from '../support/format.js';
import type { Spread } from '../support/spread.js';
import { runTask } from '../support/task.js';
import { EXAMPLES, type ExampleTask, type Measured } from './measure.js';

const PROGRAM = require.resolve('./child.js');

const GROUP = 'The examples of ArenaPirate.jl';
const LEAST_RANGE = 2.5;
/** Of hand-kept memory's speed. */
const LEAST_OF_HAND_KEPT = 0.87;

export const examples: Section = {
  name: 'examples',
  about: 'the examples of ArenaPirate.jl: plain, in arenas, and with buffers kept by hand',

  steps() {
    return EXAMPLES.length;
  },

  async run(settings, step): Promise<SectionResult> {
    const comparisons: Comparison[] = [];
    for (const name of EXAMPLES) {
      step(name);
      const measured = await runTask<ExampleTask, Measured>(PROGRAM, { name, settings });
      comparisons.push(comparisonOf(measured));
    }
    return { comparisons, targets: comparisons.flatMap(targetsOf) };
  },
};

function comparisonOf({ name, input, sha256, rounds }: Measured): Comparison {
  return {
    section: examples.name,
    group: GROUP,
    name: `${name}: ${input}`,
    unit: 'ns',
    better: 'less',
    baseline: 'plain',
    ours: ['collected', 'exit'],
    rounds,
    sha256,
  };
}

function targetsOf(comparison: Comparison, index: number): Target[] {
  if (EXAMPLES[index] === 'collected range') {
    const speed = advantage(comparison, 'exit');
    const floor = advantage(comparison, 'hand-kept').median;
    const claim = `'exit' against plain Node, ${comparison.name}`;
    return [target(claim, speed, 'at least', LEAST_RANGE, '×', floor)];
  }
  const [worse, better] = (['collected', 'exit'] as const)
    .map((variant) => [variant, advantageOver(comparison, variant, 'hand-kept')] as const)
    .sort(([, a], [, b]) => a.median - b.median) as [
    readonly [string, Spread],
    readonly [string, Spread],
  ];
  const claim =
    `'${better[0]}' against hand-kept memory, ${comparison.name} ` +
    `('${worse[0]}': ${digits(worse[1].median)}×)`;
  return [target(claim, better[1], 'at least', LEAST_OF_HAND_KEPT, '×')];
}
