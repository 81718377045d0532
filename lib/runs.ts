import { CollectBudget } from './collect-budget.js';
import { collect } from './collector.js';
import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { now } from './intrinsics.js';
import { native, Refusal } from './native.js';
import { countFallback, place } from './source.js';
import { stamp } from './window.js';

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
  collectAt = survived + Math.max(budget.bytes, survived / 2);
}

let collectedAt = now();

/** Runs a minor collection, and frees what it found dead. */
export function collectAndPoll(): void {
  const start = now();
  if (collect('minor')) native.poll(true);
  const end = now();
  budget.learn(end - start, end - collectedAt);
  collectedAt = end;
  waitForMore();
}

// At the limit a full collection may find dead windows that have grown old. Each one in vain makes
// the pool wait longer before the next, so that a pool full of live arrays costs little.
const LONGEST_PATIENCE = 1024;
let patience = 1;
let refusalsToIgnore = 0;

/** @returns whether memory has become free */
function reclaim(): boolean {
  if (refusalsToIgnore > 0) {
    refusalsToIgnore--;
    return false;
  }
  const freed =
    (collect('minor') && native.poll(true) > 0) || (collect('major') && native.poll(true) > 0);
  patience = freed ? 1 : Math.min(2 * patience, LONGEST_PATIENCE);
  refusalsToIgnore = freed ? 0 : patience;
  return freed;
}

/**
 * An ArrayBuffer over slabs of its own: reused ones if V8 has let go of any, otherwise fresh ones.
 *
 * @param isRetired - nothing but the buffer uses them: they are free when V8 has collected it
 * @returns undefined when there is no memory; the reason has been counted
 */
export function takeRun(
  bytes: number,
  zeroed: boolean,
  isRetired = false,
): ArrayBuffer | undefined {
  // Something is free only if V8 has collected by itself.
  if (native.poll(false) > 0) {
    budget.forget();
    waitForMore();
  }
  if ((counters[Counter.WaitingBytes] as number) >= collectAt) collectAndPoll();
  let taken = native.take(bytes, zeroed, isRetired);
  if ((taken === Refusal.MaxBytes || taken === Refusal.Memory) && reclaim()) {
    taken = native.take(bytes, zeroed, isRetired);
  }
  if (typeof taken !== 'number') return taken;
  countFallback(taken);
  return undefined;
}

/**
 * Puts an allocation with slabs and an ArrayBuffer of its own at {@link place}; they are free when
 * V8 has collected it.
 * @returns false when there is no memory; the reason has been counted
 */
export function allocateCollected(bytes: number, zeroed: boolean): boolean {
  const buffer = takeRun(bytes, zeroed, true);
  if (buffer === undefined) return false;
  placeWhole(buffer);
  return true;
}

/** Puts an allocation that an ArrayBuffer covers exactly at {@link place}. */
export function placeWhole(buffer: ArrayBuffer): void {
  stamp(buffer, 'whole');
  place.buffer = buffer;
  place.offset = 0;
  counters[Counter.Captured]++;
}

/** Where the run that {@link takeRun} has just taken lies, as {@link currentHome} counts. */
export function lastHome(): number {
  return counters[Counter.RunHome] as number;
}

/** How many bytes of the window that {@link takeRun} has just taken may be dirty. */
export function lastDirtyBytes(): number {
  return counters[Counter.DirtyBytes] as number;
}
