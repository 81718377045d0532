import { collectIfDue, reclaim } from './collections.js';
import { Counter, counters } from './counters.js';
import { native, Refusal } from './native.js';
import { countFallback, place } from './source.js';
import { stamp } from './window.js';

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
  collectIfDue();
  let taken = native.take(bytes, zeroed, isRetired);
  if (taken === Refusal.MaxBytes || taken === Refusal.Memory) {
    taken = reclaim(taken, () => native.take(bytes, zeroed, isRetired));
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
