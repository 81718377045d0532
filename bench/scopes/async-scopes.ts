import { type Comparison, figures } from '../comparison.js';
import { type SectionResult, type Step, type Target, target } from '../section.js';
import { MIB, type Profile } from '../settings.js';
import { digits } from '../support/format.js';
import { inTurn } from '../support/in-turn.js';
import { roundsWithin } from '../support/rounds-within.js';
import { runTask } from '../support/task.js';
import type { AsyncMeasured, AsyncTask } from './async-child.js';
import { ASYNC_SCOPES, ASYNC_VARIANTS, type AsyncVariant, CONCURRENT } from './async-work.js';

const PROGRAM = require.resolve('./async-child.js');
const MOST_MIB = 300;
const AT_ONCE = `${CONCURRENT.toLocaleString('en')} async scopes at once, 100 arrays of 1 KB each`;

interface AsyncSizes {
  /** Processes of each variant. */
  readonly rounds: number;
  /** What all rounds may take before there are fewer, see rounds-within.ts. */
  readonly millisecondsInAll?: number | undefined;
  readonly milliseconds: number;
  /** How often each process has that many scopes at once. */
  readonly concurrentRounds: number;
}

const standard: AsyncSizes = {
  rounds: 7,
  millisecondsInAll: 7000,
  milliseconds: 300,
  concurrentRounds: 10,
};

const SIZES: Readonly<Record<Profile, AsyncSizes>> = {
  full: { ...standard, rounds: 21, millisecondsInAll: undefined },
  standard,
  quick: { rounds: 1, milliseconds: 160, concurrentRounds: 3 },
  smoke: { rounds: 1, milliseconds: 2, concurrentRounds: 1 },
};
type Rounds = Record<AsyncVariant, AsyncMeasured[]>;

export function asyncSteps(profile: Profile): number {
  return (Object.keys(ASYNC_SCOPES).length + 1) * SIZES[profile].rounds;
}

/** Asynchronous scopes, in processes of their own for each variant, in turn. */
export async function compareAsync(profile: Profile, step: Step): Promise<SectionResult> {
  const { milliseconds, concurrentRounds, ...howOften } = SIZES[profile];
  const comparisons: Comparison[] = [];
  for (const work of Object.keys(ASYNC_SCOPES) as (keyof typeof ASYNC_SCOPES)[]) {
    const measured = await runRounds(
      howOften,
      (variant) => ({ variant, work, milliseconds }),
      () => step(work),
    );
    comparisons.push(
      comparisonOf(TIME, work, measured, ({ nanosecondsPerScope }) => nanosecondsPerScope),
    );
  }
  const atOnce = await runRounds(
    howOften,
    (variant) => ({ variant, concurrentRounds }),
    () => step(AT_ONCE),
  );
  const peak = comparisonOf(PEAK, AT_ONCE, atOnce, ({ peak: bytes }) => bytes);
  comparisons.push(
    comparisonOf(TIME, AT_ONCE, atOnce, ({ nanosecondsPerScope }) => nanosecondsPerScope),
    peak,
  );
  return { comparisons, targets: [targetOf(peak)] };
}

async function runRounds(
  { rounds: most, millisecondsInAll }: Pick<AsyncSizes, 'rounds' | 'millisecondsInAll'>,
  taskOf: (variant: AsyncVariant) => AsyncTask,
  step: () => void,
): Promise<Rounds> {
  const rounds: Rounds = { plain: [], collected: [], exit: [] };
  let expected: number | undefined;
  for (const round of roundsWithin(most, millisecondsInAll)) {
    step();
    for (const variant of inTurn(ASYNC_VARIANTS, round)) {
      const measured = await runTask<AsyncTask, AsyncMeasured>(PROGRAM, taskOf(variant));
      expected ??= measured.sum;
      if (measured.sum !== expected) {
        throw new Error(`'${variant}' gave ${measured.sum}, not ${expected}`);
      }
      rounds[variant].push(measured);
    }
  }
  return rounds;
}

type Kind = Pick<Comparison, 'group' | 'unit'>;

const TIME: Kind = {
  group: 'Asynchronous scopes, in processes of their own: time for one',
  unit: 'ns',
};
const PEAK: Kind = {
  group: 'Asynchronous scopes: peak resident memory of the process',
  unit: 'bytes',
};

function comparisonOf(
  kind: Kind,
  name: string,
  rounds: Rounds,
  figureOf: (measured: AsyncMeasured) => number,
): Comparison {
  return {
    section: 'scopes',
    ...kind,
    name,
    better: 'less',
    baseline: 'plain',
    ours: ['collected', 'exit'],
    rounds: Object.fromEntries(
      ASYNC_VARIANTS.map((variant) => [variant, rounds[variant].map(figureOf)]),
    ),
  };
}

function targetOf(peak: Comparison): Target {
  const [more, less] = (['collected', 'exit'] as const)
    .map((variant) => [variant, figures(peak, variant).median / MIB] as const)
    .sort(([, a], [, b]) => b - a) as [readonly [string, number], readonly [string, number]];
  const claim = `${AT_ONCE}: resident memory in '${more[0]}' ('${less[0]}': ${digits(less[1])} MiB)`;
  return target(claim, more[1], 'at most', MOST_MIB, 'MiB');
}
