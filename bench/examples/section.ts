import { advantage, type Comparison, floorOf } from '../comparison.js';
import { type Section, type SectionResult, type Target, target } from '../section.js';
import { runTask } from '../support/task.js';
import { againstHandKept } from './against-hand-kept.js';
import { EXAMPLES, type ExampleTask, type Measured } from './measure.js';

const PROGRAM = require.resolve('./child.js');

const GROUP = 'The examples of ArenaPirate.jl';
const LEAST_RANGE = 2.5;

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
    const floor = floorOf(comparison, 'hand-kept');
    const claim = `'exit' against plain Node, ${comparison.name}`;
    return [target(claim, speed, 'at least', LEAST_RANGE, '×', { floor })];
  }
  return [againstHandKept(comparison)];
}
