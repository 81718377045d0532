import { advantage, type Comparison } from '../comparison.js';
import { againstHandKept } from '../examples/against-hand-kept.js';
import { type Section, type SectionResult, type Target, target } from '../section.js';
import { pairedRatios } from '../support/spread.js';
import { runTask } from '../support/task.js';
import { type Measured, PARALLEL_EXAMPLES, type ParallelTask, THREADS } from './measure.js';

const PROGRAM = require.resolve('./child.js');

const OURS = ['collected', 'exit'] as const;
const LEAST_SPEED = 1.2;
/** Scaling of arenas by that of plain Node. */
const LEAST_SCALING = 1;

export const parallel: Section = {
  name: 'parallel',
  about: 'two examples on one and two worker threads: plain, with mtMapArena, and kept by hand',

  steps() {
    return PARALLEL_EXAMPLES.length;
  },

  async run(settings, step): Promise<SectionResult> {
    const results: SectionResult[] = [];
    for (const name of PARALLEL_EXAMPLES) {
      step(name);
      results.push(resultOf(await runTask<ParallelTask, Measured>(PROGRAM, { name, settings })));
    }
    return {
      comparisons: results.flatMap(({ comparisons }) => comparisons),
      targets: results.flatMap(({ targets }) => targets),
    };
  },
};

function resultOf(measured: Measured): SectionResult {
  const [alone, onTwo] = THREADS.map(
    (threads): Comparison => ({
      section: parallel.name,
      group: 'The examples on worker threads',
      name: `${measured.name}, ${threads} thread${threads === 1 ? '' : 's'}: ${measured.input}`,
      unit: 'ns',
      better: 'less',
      baseline: 'plain',
      ours: OURS,
      rounds: measured.rounds[threads],
      sha256: measured.sha256,
    }),
  ) as [Comparison, Comparison];
  const gain = gainOf(measured);
  return { comparisons: [alone, onTwo, gain], targets: targetsOf(measured, onTwo, gain) };
}

/** What the second thread brings: time on one over time on two, in the same round. */
function gainOf({ name, rounds }: Measured): Comparison {
  const gains = Object.entries(rounds[1]).map(([variant, alone]) => [
    variant,
    pairedRatios(alone, rounds[2][variant as keyof (typeof rounds)[2]]),
  ]);
  return {
    section: parallel.name,
    group: 'Times as fast on two worker threads as on one',
    name,
    unit: 'count',
    better: 'more',
    baseline: 'plain',
    ours: OURS,
    rounds: Object.fromEntries(gains),
  };
}

/** Of `'exit'`, which tasks that keep nothing can run with, but where the better mode counts. */
function targetsOf({ name }: Measured, onTwo: Comparison, gain: Comparison): Target[] {
  const speed = advantage(onTwo, 'exit');
  const scaling = advantage(gain, 'exit');
  return [
    ...(name === 'param-search'
      ? [
          target(
            `'exit' against plain Node, ${name} on 2 threads`,
            speed,
            'at least',
            LEAST_SPEED,
            '×',
            { floor: advantage(onTwo, 'hand-kept').median },
          ),
        ]
      : []),
    target(
      `'exit' from 1 thread to 2, against plain Node's gain, ${name}`,
      scaling,
      'at least',
      LEAST_SCALING,
      '×',
      // The threads share the memory's bandwidth, of which less is left the better one thread uses it.
      { floor: advantage(gain, 'hand-kept').median },
    ),
    againstHandKept(onTwo),
  ];
}
