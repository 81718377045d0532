import { AsyncResource } from 'node:async_hooks';
import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { stillTracks, tracks } from './current-scope.js';
import { requireStack } from './enough-stack.js';
import { gate } from './gate.js';
import { startTimer, stopTimer } from './intrinsics.js';
import { MathMax, MathMin, uncurryThis } from './primordials.js';

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
let isWatching = false;
let timer: NodeJS.Timeout | undefined;
let milliseconds = 0;
let captured = 0;
let look: 'first' | 'later' = 'first';

/** Says what to do when this thread has not allocated from arenas for {@link config.trimAfter}. */
export function whenIdle(action: GiveBack): void {
  giveBack = action;
}

/**
 * A scope is being opened, which may take memory that is to be given back some time. Not when it does:
 * starting a timer calls what users have given `async_hooks.createHook`, and that may make arrays.
 */
export function watchForIdleness(): void {
  if (config.trimAfter === Number.POSITIVE_INFINITY) return;
  // Where it has come to look more rarely, a scope is something new.
  if (!isWatching || milliseconds > config.trimAfter) startOver();
}

/** Applies a new {@link config.trimAfter}. */
export function watchAnew(): void {
  if (timer !== undefined) stopTimer(timer);
  isWatching = false;
  if (counters[Counter.MappedBytes] !== 0 || tracks()) watchForIdleness();
}

function startOver(): void {
  captured = counters[Counter.Captured] as number;
  look = 'first';
  milliseconds = config.trimAfter;
  start();
}

function start(): void {
  requireStack();
  // What the hooks do may open scopes.
  isWatching = true;
  if (timer !== undefined) stopTimer(timer);
  runIn(surroundings, () => {
    timer = startTimer(check, milliseconds).unref();
  });
}

function check(): void {
  isWatching = false;
  const isTracking = stillTracks();
  if (counters[Counter.Captured] !== captured) {
    startOver();
    return;
  }
  giveBack?.(look);
  if (counters[Counter.WaitingSlabs] !== 0) {
    look = 'later';
    milliseconds = isTracking
      ? config.trimAfter
      : MathMin(2 * milliseconds, MathMax(LONGEST_MILLISECONDS, config.trimAfter));
    start();
  } else if (gate.open > 0 || isTracking) {
    // A scope that is open may take memory without another being opened; and what scopes cost may be ended the next time.
    watchForIdleness();
  }
}
