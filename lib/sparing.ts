import { checking } from './checking.js';
import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { gate } from './gate.js';
import { hasOwnMinBytes } from './options.js';
import { MathMin } from './primordials.js';

// An array in an arena whose `.buffer` is asked for needs an ArrayBuffer of its own after all. That
// takes some 4 µs, more than V8 takes for a small array with all that belongs to it. Code that asks
// nearly every array (apache-arrow does) is better off when V8 serves all those that would share a
// slab: the few that are large keep a window of 2 MiB alive until V8's next full collection, and
// such memory brings that about. Those with slabs of their own have an ArrayBuffer anyway.

/** What larger arrays save is worth an ArrayBuffer each. */
const SMALL_BYTES = 16 * 1024;
/** After so many small arrays that were asked it is decided. */
const SAMPLE = 64;
/** More captured arrays than this in the meantime, and the sample is few. */
const MOST_CAPTURED = 80;
const FIRST_SPELL = 16;
const LONGEST_SPELL = 1024;

/** The least of what has slabs of its own. */
const leastWhole = () => config.slabBytes / 2 + 1;

let asked = 0;
let capturedBefore = 0;
// Scopes that are still to be spared, and how many it will be the next time.
let remaining = 0;
let nextSpell = FIRST_SPELL;

/** An array has been asked for its `.buffer` for the first time. */
export function countAsked(bytes: number): void {
  if (bytes >= SMALL_BYTES || checking() || ++asked < SAMPLE) return;
  const captured = counters[Counter.Captured] - capturedBefore;
  asked = 0;
  capturedBefore = counters[Counter.Captured];
  if (captured > MOST_CAPTURED) {
    nextSpell = FIRST_SPELL;
  } else if (!hasOwnMinBytes(config)) {
    remaining = nextSpell;
    nextSpell = MathMin(2 * nextSpell, LONGEST_SPELL);
    // The rest of this scope, too.
    if (gate.current?.sparing) gate.current.minBytes = leastWhole();
  }
}

/** The `minBytes` of a scope that is opened without any. */
export function defaultMinBytes(): number {
  // Checked mode is to see every array.
  if (remaining === 0 || hasOwnMinBytes(config) || checking()) return config.minBytes;
  remaining--;
  if (remaining === 0) capturedBefore = counters[Counter.Captured];
  counters[Counter.SparedScopes]++;
  return leastWhole();
}
