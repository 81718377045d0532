import type { Step } from '../section.js';
import type { Settings } from '../settings.js';
import { inTurn } from '../support/in-turn.js';
import { iterationsFor, OperationProcess } from '../support/operation-process.js';
import { pairedRatios, spreadOf, spreadOfRatios } from '../support/spread.js';

const PROGRAM = require.resolve('./child.js');
const WITH_PACKAGE = ['--require', require.resolve('./use-arenas.js')];

type Side = 'without' | 'with';

/** Nanoseconds for one operation, turn by turn, in two processes that ran in turn. */
type Pair = Readonly<Record<Side, number[]>>;

/** Nanoseconds for one operation: of each pair one value, the median of the turns. */
export type Pairs = Readonly<Record<Side, number[]>>;

/** Compares an operation with and without the package, in so many pairs, each a step. */
export async function comparePairs(
  operation: string,
  {
    control,
    pairs: count,
    settings,
    step,
  }: { control: boolean; pairs: number; settings: Settings; step: Step },
): Promise<Pairs> {
  const pairs: Pairs = { without: [], with: [] };
  for (let i = 0; i < count; i++) {
    step(control ? `control: ${operation}` : operation);
    const { without, with: loaded } = await runPair(
      operation,
      control ? [] : WITH_PACKAGE,
      i,
      settings,
    );
    // The clock of the machine swings: what counts are turns next to each other.
    const usual = spreadOf(without).median;
    pairs.without.push(usual);
    pairs.with.push(usual * spreadOfRatios(pairedRatios(loaded, without)).median);
  }
  return pairs;
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
    // Both at once, for nothing is measured yet but what nobody relies on.
    const warm = await Promise.all(sides.map(([, child]) => child.warmUp(settings)));
    const iterations = iterationsFor(Math.max(...warm), settings);
    const nanoseconds: Pair = { without: [], with: [] };
    for (let turn = 0; turn < settings.turns; turn++) {
      for (const [side, child] of inTurn(sides, turn + index)) {
        nanoseconds[side].push(await child.run(iterations));
      }
    }
    return nanoseconds;
  } finally {
    await Promise.all(sides.map(([, child]) => child.stop()));
  }
}
