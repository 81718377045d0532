import { CollectBudget } from './collect-budget.js';
import { collect } from './collector.js';
import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { now } from './intrinsics.js';
import { native, type Refusal } from './native.js';
import { MathMax, MathMin } from './primordials.js';

let budget = new CollectBudget(config.collectBudget);
// What waits has to exceed this before the next collection is worth its time.
let collectAt = budget.bytes;

/** Applies a new collect budget from now on. */
export function resetCollectBudget(): void {
  budget = new CollectBudget(config.collectBudget);
  collectAt = budget.bytes;
}

// Collections that free little are followed by fewer: the next one waits until as much again as
// survived (at least half) and the budget have been added.
function waitForMore(): void {
  const survived = counters[Counter.WaitingBytes] as number;
  collectAt = survived + MathMax(budget.bytes, survived / 2);
}

// Bytes of ArrayBuffers over parts of windows that are dead, as far as we know, and that V8 has not collected since. V8
// counts them, too: from 64 MiB on it marks everything, for which the next ArrayBuffer may have to wait 5 ms.
let deadParts = 0;
let collections = native.collections();

/** The scope is over that ArrayBuffers of so many bytes over parts of a window were made for. */
export function countDeadParts(bytes: number): void {
  deadParts += bytes;
}

/** Collects where such ArrayBuffers are worth it, before one more is made. */
export function collectPartsIfDue(): void {
  if (deadParts === 0 || deadParts < budget.bytes) return;
  deadParts = 0;
  const current = native.collections();
  if (current === collections) {
    collectAndPoll();
  } else {
    collections = current;
    budget.forget();
  }
}

/** Runs a minor collection, and frees what it found dead. */
export function collectAndPoll(): void {
  const start = now();
  if (collect('minor')) native.poll(true);
  budget.learn(now() - start);
  deadParts = 0;
  collections = native.collections();
  waitForMore();
}

// At the limit a full collection may find dead windows that have grown old. Each one in vain makes
// the pool wait longer before the next, so that a pool full of live arrays costs little.
const LONGEST_PATIENCE = 1024;
let patience = 1;
let refusalsToIgnore = 0;

/** What holds memory that it has no use for at present. */
export const idleHolder = {
  /**
   * Leaves it to the garbage collector. lib/exit.ts, which needs this file, puts its own here.
   * @returns whether there was any since the last call
   */
  retire: () => false,
};
// Whether the last time that was not enough.
let idleWasTooLittle = false;

/**
 * Collects for what was refused, and takes it if that makes room: each kind of collection frees only what is dead and of
 * its age.
 * @returns what was taken, or why not
 */
export function reclaim(
  refusal: Refusal,
  take: () => ArrayBuffer | Refusal,
): ArrayBuffer | Refusal {
  const isDue = refusalsToIgnore === 0;
  if (!isDue) refusalsToIgnore--;
  // Patience was learnt while that was in use.
  const retired = (isDue || !idleWasTooLittle) && idleHolder.retire();
  if (!isDue && !retired) return refusal;
  let taken: ArrayBuffer | Refusal = refusal;
  if (collect('minor') && native.poll(true) > 0) taken = take();
  if (typeof taken === 'number' && collect('major') && native.poll(true) > 0) taken = take();
  const isServed = typeof taken !== 'number';
  if (isServed || retired) idleWasTooLittle = !isServed;
  patience = isServed ? 1 : MathMin(2 * patience, LONGEST_PATIENCE);
  refusalsToIgnore = isServed ? 0 : patience;
  return taken;
}

/** Collects where that frees enough of what waits to be worth its time. */
export function collectIfDue(): void {
  // Something is free only if V8 has collected by itself.
  if (native.poll(false) > 0) {
    budget.forget();
    waitForMore();
  }
  if ((counters[Counter.WaitingBytes] as number) >= collectAt) collectAndPoll();
}
