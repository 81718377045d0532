import { AsyncResource } from 'node:async_hooks';
import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { startTimer, stopTimer, uncurryThis } from './intrinsics.js';

/** Gives back what it can. `'first'` comes when the thread has just become idle. */
type GiveBack = (look: 'first' | 'later') => void;

// What waits for V8 to collect it is looked for less and less often.
const LONGEST_MILLISECONDS = 60_000;

// A timer keeps the async context that it is started in, and what its user has stored there.
const surroundings = new AsyncResource('arena-pirate', { requireManualDestroy: true });
const runIn = uncurryThis(
  surroundings.runInAsyncScope as (this: AsyncResource, fn: () => unknown) => unknown,
);

let giveBack: GiveBack | undefined;
let timer: NodeJS.Timeout | undefined;
let milliseconds = 0;
let captured = 0;
let look: 'first' | 'later' = 'first';

/** Says what to do when this thread has not allocated from arenas for {@link config.trimAfter}. */
export function whenIdle(action: GiveBack): void {
  giveBack = action;
}

/** Memory has been taken that is to be given back some time. */
export function watchForIdleness(): void {
  if (timer === undefined && config.trimAfter < Number.POSITIVE_INFINITY) {
    captured = counters[Counter.Captured] as number;
    startOver();
  }
}

/** Applies a new {@link config.trimAfter}. */
export function watchAnew(): void {
  if (timer !== undefined) stopTimer(timer);
  timer = undefined;
  if (counters[Counter.MappedBytes] !== 0) watchForIdleness();
}

function startOver(): void {
  look = 'first';
  milliseconds = config.trimAfter;
  start();
}

function start(): void {
  runIn(surroundings, () => {
    timer = startTimer(check, milliseconds).unref();
  });
}

function check(): void {
  timer = undefined;
  if (counters[Counter.Captured] !== captured) {
    captured = counters[Counter.Captured] as number;
    startOver();
    return;
  }
  giveBack?.(look);
  if (counters[Counter.WaitingSlabs] === 0) return;
  look = 'later';
  milliseconds = Math.min(2 * milliseconds, Math.max(LONGEST_MILLISECONDS, config.trimAfter));
  start();
}
