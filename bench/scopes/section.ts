import { type Comparison, figures } from '../comparison.js';
import { type Section, type SectionResult, type Target, target } from '../section.js';
import type { Settings } from '../settings.js';
import { inTurn } from '../support/in-turn.js';
import { iterationsFor, OperationProcess } from '../support/operation-process.js';
import { spreadOf } from '../support/spread.js';
import { asyncSteps, compareAsync } from './async-scopes.js';
import { COMPARED, EMPTY_SCOPES, SCOPES } from './operations.js';

const PROGRAM = require.resolve('./child.js');

const EMPTY = 'arena.sync, empty' satisfies keyof typeof EMPTY_SCOPES;
const NO_SCOPE = 'no scope';
const MOST_NANOSECONDS = 100;

export const scopes: Section = {
  name: 'scopes',
  about: 'what opening and leaving a scope costs',

  steps({ pairs, profile }) {
    return Object.keys(SCOPES).length * processesOf(pairs) + asyncSteps(profile);
  },

  async run(settings, step): Promise<SectionResult> {
    const comparisons: Comparison[] = [];
    for (const operation of Object.keys(EMPTY_SCOPES)) {
      const nanoseconds: number[] = [];
      for (let i = 0; i < processesOf(settings.pairs); i++) {
        step(operation);
        nanoseconds.push(spreadOf(await runAlone(operation, settings)).median);
      }
      comparisons.push(comparisonOf(operation, nanoseconds));
    }
    for (const { work, operations } of COMPARED) {
      const rounds: Record<string, number[]> = Object.fromEntries(
        operations.map(({ variant }) => [variant, []]),
      );
      for (let i = 0; i < processesOf(settings.pairs); i++) {
        for (const { variant, operation } of inTurn(operations, i)) {
          step(operation);
          rounds[variant]?.push(spreadOf(await runAlone(operation, settings)).median);
        }
      }
      comparisons.push(comparedOf(work, rounds));
    }
    const asynchronous = await compareAsync(settings.profile, step);
    return {
      comparisons: [...comparisons, ...asynchronous.comparisons],
      targets: [...targetsOf(comparisons), ...asynchronous.targets],
    };
  },
};

/** Fewer do, as hardly anything is compared here. */
function processesOf(pairs: number): number {
  return Math.ceil(pairs / 2);
}

function comparisonOf(operation: string, nanoseconds: readonly number[]): Comparison {
  return {
    section: scopes.name,
    group: 'What scopes cost, in processes of their own',
    name: operation,
    unit: 'ns',
    better: 'less',
    baseline: 'time',
    ours: [],
    rounds: { time: nanoseconds },
  };
}

function comparedOf(work: string, rounds: Comparison['rounds']): Comparison {
  return {
    section: scopes.name,
    group: 'What work in scopes costs, in processes of their own',
    name: work,
    unit: 'ns',
    better: 'less',
    baseline: NO_SCOPE,
    ours: Object.keys(rounds).filter((variant) => variant !== NO_SCOPE),
    rounds,
  };
}

function targetsOf(comparisons: readonly Comparison[]): Target[] {
  return comparisons
    .filter(({ name }) => name === EMPTY)
    .map((comparison) =>
      target(EMPTY, figures(comparison, 'time'), 'at most', MOST_NANOSECONDS, 'ns'),
    );
}

async function runAlone(operation: string, settings: Settings): Promise<number[]> {
  const child = new OperationProcess(PROGRAM, operation);
  try {
    const iterations = iterationsFor(await child.warmUp(settings), settings);
    const nanoseconds: number[] = [];
    for (let turn = 0; turn < settings.turns; turn++) nanoseconds.push(await child.run(iterations));
    return nanoseconds;
  } finally {
    await child.stop();
  }
}
