import type { Step } from '../section.js';
import type { Settings } from '../settings.js';
import { inTurn } from '../support/in-turn.js';
import { iterationsFor, OperationProcess } from '../support/operation-process.js';
import { pairedRatios, type Spread, spreadOf } from '../support/spread.js';

const PROGRAM = require.resolve('./child.js');
const WITH_PACKAGE = ['--require', require.resolve('./use-arenas.js')];

type Side = 'without' | 'with';

/** Nanoseconds for one operation, turn by turn, in two processes that ran in turn. */
export type Pair = Readonly<Record<Side, number[]>>;

/** One operation outside all scopes. */
export interface Row {
  readonly operation: string;
  /** What two processes without the package differ by: whatever is less than that is noise. */
  readonly control: boolean;
  readonly pairs: readonly Pair[];
  /** Medians. */
  readonly nanoseconds: Readonly<Record<Side, number>>;
  /** Time with the package over time without: one value for each pair, which is the median of its turns. */
  readonly ratio: Spread;
}

/** Compares an operation with and without the package, in so many pairs, each a step. */
export async function comparePairs(
  operation: string,
  {
    control,
    pairs: count,
    settings,
    step,
  }: { control: boolean; pairs: number; settings: Settings; step: Step },
): Promise<Row> {
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i++) {
    step(control ? `control: ${operation}` : operation);
    pairs.push(await runPair(operation, control ? [] : WITH_PACKAGE, i, settings));
  }
  const nanosecondsOf = (side: Side): number =>
    spreadOf(pairs.map((pair) => spreadOf(pair[side]).median)).median;
  return {
    operation,
    control,
    pairs,
    nanoseconds: { without: nanosecondsOf('without'), with: nanosecondsOf('with') },
    ratio: spreadOf(pairs.map((pair) => spreadOf(pairedRatios(pair.with, pair.without)).median)),
  };
}

async function runPair(
  operation: string,
  nodeOptions: readonly string[],
  index: number,
  settings: Settings,
): Promise<Pair> {
  const sides = [
    ['without', new OperationProcess(PROGRAM, operation)],
    ['with', new OperationProcess(PROGRAM, operation, nodeOptions)],
  ] as const;
  try {
    const warm: number[] = [];
    for (const [, child] of sides) warm.push(await child.warmUp(settings));
    const iterations = iterationsFor(Math.max(...warm), settings);
    const nanoseconds: Pair = { without: [], with: [] };
    for (let turn = 0; turn < settings.turns; turn++) {
      for (const [side, child] of inTurn(sides, turn + index)) {
        nanoseconds[side].push(await child.run(iterations));
      }
    }
    return nanoseconds;
  } finally {
    for (const [, child] of sides) child.stop();
  }
}
