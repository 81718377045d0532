import type { Settings } from '../settings.js';
import { inTurn } from '../support/in-turn.js';
import { iterationsFor, OperationProcess } from '../support/operation-process.js';
import { roundsWithin } from '../support/rounds-within.js';
import { pairedRatios, spreadOf, spreadOfRatios } from '../support/spread.js';

const PROGRAM = require.resolve('./child.js');

/** What the processes of each variant are started with; all are compared with the first. */
export type Sides = Readonly<Record<string, readonly string[]>>;

/** Nanoseconds for one operation by variant: turn by turn of processes that ran in turn, or one value of each such set. */
type Nanoseconds = Record<string, number[]>;

/**
 * Compares an operation in processes that differ in what they have loaded, in so many sets if there is time, each a step.
 *
 * @returns of each set one value for each variant, the median of the turns
 */
export async function compareSides(
  operation: string,
  sides: Sides,
  sets: number,
  settings: Settings,
  step: () => void,
): Promise<Nanoseconds> {
  const [baseline] = Object.keys(sides);
  const all = emptyFor(sides);
  const { millisecondsPerProcess = Number.POSITIVE_INFINITY } = settings;
  const milliseconds = millisecondsPerProcess * Object.keys(sides).length * sets;
  for (const i of roundsWithin(sets, milliseconds)) {
    step();
    const turns = await runSet(operation, sides, i, settings);
    const usual = turns[baseline as string] as number[];
    const { median } = spreadOf(usual);
    for (const [side, values] of Object.entries(turns)) {
      // The clock of the machine swings: what counts are turns next to each other.
      all[side]?.push(median * spreadOfRatios(pairedRatios(values, usual)).median);
    }
  }
  return all;
}

async function runSet(
  operation: string,
  sides: Sides,
  index: number,
  settings: Settings,
): Promise<Nanoseconds> {
  const children = Object.entries(sides).map(
    ([side, nodeOptions]) => [side, new OperationProcess(PROGRAM, operation, nodeOptions)] as const,
  );
  try {
    // All at once, for nothing is measured yet but what nobody relies on.
    const warm = await Promise.all(children.map(([, child]) => child.warmUp(settings)));
    const iterations = iterationsFor(Math.max(...warm), settings);
    const nanoseconds = emptyFor(sides);
    for (let turn = 0; turn < settings.turns; turn++) {
      for (const [side, child] of inTurn(children, turn + index)) {
        nanoseconds[side]?.push(await child.run(iterations));
      }
    }
    return nanoseconds;
  } finally {
    await Promise.all(children.map(([, child]) => child.stop()));
  }
}

function emptyFor(sides: Sides): Nanoseconds {
  return Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
}
