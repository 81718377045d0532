import { DifferentOutputError } from '../../examples/support/failures.js';
import type { AskedProcess } from './asked-process.js';
import { inTurn } from './in-turn.js';
import type { PassAnswer, PassRequest, WarmUp } from './passes.js';
import { Schedule } from './schedule.js';
import { NANOSECONDS } from './units.js';

export type PassProcess = AskedProcess<PassRequest, PassAnswer>;

/** How thoroughly processes are compared. */
export interface PassSizes {
  /** How often there is a new process for each variant: V8 and malloc do not treat all alike. */
  readonly sets: number;
  /** What those may take, or else there are fewer, half of them at least; the last one then takes turns until it is over. */
  readonly milliseconds?: number | undefined;
  readonly warmUp: WarmUp;
  /** A turn is as many passes as take so long in the fastest process. */
  readonly millisecondsPerTurn: number;
  /** How long the processes of a set take turns, and how often at least. */
  readonly millisecondsPerSet: number;
  readonly leastTurns: number;
}

/** To see that everything runs. */
export const SMOKE_PASSES: PassSizes = {
  sets: 1,
  warmUp: { leastMilliseconds: 0, mostMilliseconds: 0 },
  millisecondsPerTurn: 0,
  millisecondsPerSet: 0,
  leastTurns: 1,
};

export interface PassRounds {
  /** Nanoseconds for a pass, of each variant, turn by turn. */
  readonly rounds: Readonly<Record<string, readonly number[]>>;
  /** Of what a pass gives, before the turns and after them, the same in all variants. */
  readonly sha256: string;
}

/**
 * Has a process of each variant do the same work in turn.
 *
 * @param start - one for each variant, by name
 * @throws {DifferentOutputError} when they do not all give the same
 */
export async function comparePasses(
  what: string,
  start: Readonly<Record<string, () => PassProcess>>,
  sizes: PassSizes,
  onSet: () => void,
): Promise<PassRounds> {
  const rounds = Object.fromEntries(Object.keys(start).map((variant) => [variant, [] as number[]]));
  let sha256: string | undefined;
  const schedule = new Schedule(sizes.milliseconds);
  for (let set = 0, isLast = false; !isLast; set++) {
    onSet();
    const begun = performance.now();
    const processes = Object.entries(start).map(([variant, fork]) => [variant, fork()] as const);
    const check = async () => {
      const answers = await Promise.all(processes.map(([, child]) => child.ask({ digest: true })));
      answers.forEach(({ sha256: received = '' }, i) => {
        sha256 ??= received;
        const [variant] = processes[i] as (typeof processes)[number];
        if (received !== sha256) throw new DifferentOutputError(what, variant, sha256, received);
      });
    };
    try {
      const passes = await warmUp(processes, sizes);
      const warm = performance.now();
      await check();
      const took = { preparing: warm - begun, checking: performance.now() - warm };
      const { millisecondsOfTurns, ...next } = planOf(set, sizes, schedule, took);
      isLast = next.isLast;
      await takeTurns(processes, passes, set, { ...sizes, millisecondsOfTurns }, rounds);
      await check();
    } finally {
      await Promise.all(processes.map(([, child]) => child.stop()));
    }
  }
  return { rounds, sha256: sha256 ?? '' };
}

type Processes = readonly (readonly [variant: string, PassProcess])[];

/** How long a set is to take turns, and whether no other follows, decided before it does. */
export function planOf(
  set: number,
  { sets, millisecondsPerSet }: Pick<PassSizes, 'sets' | 'millisecondsPerSet'>,
  schedule: Schedule,
  { preparing, checking }: { readonly preparing: number; readonly checking: number },
): { readonly millisecondsOfTurns: number; readonly isLast: boolean } {
  // What is left of this one, and all of the next.
  const another = millisecondsPerSet + checking + preparing + 2 * checking + millisecondsPerSet;
  const isCut = set + 1 >= sets / 2 && set + 1 < sets && !schedule.hasLeft(another);
  const left = schedule.left - checking;
  return {
    millisecondsOfTurns: isCut ? Math.max(left, millisecondsPerSet) : millisecondsPerSet,
    isLast: isCut || set + 1 === sets,
  };
}

/** @returns how many passes make a turn */
async function warmUp(processes: Processes, sizes: PassSizes): Promise<number> {
  // All at once, for nothing is measured yet but what nobody relies on.
  const times = await Promise.all(
    processes.map(([, child]) => nanoseconds(child, { warmUp: sizes.warmUp })),
  );
  const turn = sizes.millisecondsPerTurn * NANOSECONDS.perMillisecond;
  // What took no time by the clock takes some nevertheless.
  return Math.max(1, Math.ceil(turn / Math.max(Math.min(...times), 1)));
}

async function takeTurns(
  processes: Processes,
  passes: number,
  set: number,
  { leastTurns, millisecondsOfTurns }: PassSizes & { readonly millisecondsOfTurns: number },
  rounds: Readonly<Record<string, number[]>>,
): Promise<void> {
  const end = performance.now() + millisecondsOfTurns;
  for (let turn = 0; turn < leastTurns || performance.now() < end; turn++) {
    for (const [variant, child] of inTurn(processes, turn + set)) {
      rounds[variant]?.push(await nanoseconds(child, { passes }));
    }
  }
}

async function nanoseconds(child: PassProcess, request: PassRequest): Promise<number> {
  const { nanosecondsPerPass } = await child.ask(request);
  if (nanosecondsPerPass === undefined)
    throw new Error('a process was asked for a time and gave none');
  return nanosecondsPerPass;
}
