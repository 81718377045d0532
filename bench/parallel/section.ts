import { advantage, type Comparison, floorOf } from '../comparison.js';
import { againstHandKept } from '../examples/against-hand-kept.js';
import { type Beside, type Section, type SectionResult, type Target, target } from '../section.js';
import { pairedRatios, spreadOfRatios } from '../support/spread.js';
import { runTask } from '../support/task.js';
import { AGAIN, type Measured, PARALLEL_EXAMPLES, type ParallelTask, THREADS } from './measure.js';

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
      control: AGAIN,
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
    control: AGAIN,
    rounds: Object.fromEntries(gains),
  };
}

/** Of `'exit'`, which tasks that keep nothing can run with, but where the better mode counts. */
function targetsOf(measured: Measured, onTwo: Comparison, gain: Comparison): Target[] {
  const { name } = measured;
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
            besideIn(onTwo),
          ),
        ]
      : []),
    target(
      `'exit' from 1 thread to 2, against plain Node's gain, ${name}`,
      scaling,
      'at least',
      LEAST_SCALING,
      '×',
      // The threads share the memory's bandwidth, of which less is left the better one thread uses it, too.
      {
        ...besideIn(gain),
        floor: Math.min(advantage(gain, 'hand-kept').median, gainLeft(measured)),
      },
    ),
    againstHandKept(onTwo),
  ];
}

function besideIn(comparison: Comparison): Beside {
  return {
    floor: floorOf(comparison, 'hand-kept'),
    control: advantage(comparison, AGAIN).median,
  };
}

/**
 * What a second thread can bring where it leaves as much time undivided as in plain Node: that weighs more, the less all
 * the rest takes.
 */
function gainLeft({ rounds }: Measured): number {
  const gains = rounds[1].exit.map((alone, i) => {
    const [plainAlone, plainOnTwo] = [rounds[1].plain[i], rounds[2].plain[i]] as [number, number];
    const undivided = Math.max(0, plainOnTwo - plainAlone / 2);
    return alone / (alone / 2 + undivided) / (plainAlone / plainOnTwo);
  });
  return spreadOfRatios(gains).median;
}
