import { MIB } from '../settings.js';
import { AskedProcess } from '../support/asked-process.js';
import { inTurn } from '../support/in-turn.js';
import { pairedRatios, spreadOf, spreadOfRatios } from '../support/spread.js';
import type { ProcessTask, Took, Turn } from './program.js';
import type { ProcessSizes } from './sizes.js';
import type { ProcessVariant } from './variants.js';

const WITHOUT = require.resolve('./child-without.js');
const WITH = require.resolve('./child-with.js');

const MOST_ARRAYS_PER_SCOPE = 100;
const MOST_BYTES_PER_SCOPE = 1 * MIB;

/** Of one process of each variant, by its name. */
export interface SetOfProcesses {
  /** Nanoseconds for one array: the median of the turns. */
  readonly times: Readonly<Record<string, number>>;
  /** The most resident memory, in bytes; without any where the system does not say. */
  readonly peaks: Readonly<Record<string, number>>;
}

type Running = AskedProcess<Turn, Took>;

/** Starts a process of each variant and lets them work in turn, `plain` first. */
export async function runSet(
  variants: readonly ProcessVariant[],
  bytes: number,
  { turns, warmUpTurns, bytesPerTurn }: ProcessSizes,
): Promise<SetOfProcesses> {
  const arraysPerScope = Math.min(MOST_ARRAYS_PER_SCOPE, MOST_BYTES_PER_SCOPE / bytes);
  const scopes = Math.ceil(bytesPerTurn / (bytes * arraysPerScope));
  const running = variants.map((variant) => ({
    ...variant,
    child: startProcess(variant, { bytes, arraysPerScope }),
    nanoseconds: [] as number[],
    peakBytes: undefined as number | undefined,
  }));
  let expected: number | undefined;
  try {
    for (let turn = -warmUpTurns; turn < turns; turn++) {
      for (const one of inTurn(running, Math.max(turn, 0))) {
        const { nanosecondsPerArray, sum, peakBytes } = await one.child.ask({ scopes });
        expected ??= sum;
        if (sum !== expected) throw new Error(`'${one.name}' gave ${sum}, not ${expected}`);
        one.peakBytes = peakBytes;
        if (turn >= 0) one.nanoseconds.push(nanosecondsPerArray);
      }
    }
  } finally {
    await Promise.all(running.map(({ child }) => child.stop()));
  }
  const plain = (running[0] as (typeof running)[number]).nanoseconds;
  const usual = spreadOf(plain).median;
  return {
    // The clock of the machine swings: what counts are turns next to each other.
    times: Object.fromEntries(
      running.map(({ name, nanoseconds }) => [
        name,
        usual * spreadOfRatios(pairedRatios(nanoseconds, plain)).median,
      ]),
    ),
    peaks: Object.fromEntries(
      running.flatMap(({ name, peakBytes }) =>
        peakBytes === undefined ? [] : [[name, peakBytes] as const],
      ),
    ),
  };
}

function startProcess(
  { name, release, preload, start }: ProcessVariant,
  shape: { readonly bytes: number; readonly arraysPerScope: number },
): Running {
  const task: ProcessTask = {
    ...shape,
    ...(release === undefined ? {} : { release }),
    ...(preload === undefined ? {} : { preload }),
  };
  return new AskedProcess(
    release === undefined ? WITHOUT : WITH,
    [JSON.stringify(task)],
    `'${name}'`,
    start,
  );
}
