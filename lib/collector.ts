import v8 from 'node:v8';
import vm from 'node:vm';
import { Counter, counters } from './counters.js';

type Gc = (options?: { type: 'minor' }) => void;

let gc: Gc | undefined;
let searched = false;

// V8 hands `gc` to contexts made while the flag is set; the flag is taken back
// at once so that no other context shows it. Undefined where flags are frozen
// (snapshots, embedders): memory then waits for V8's own collections.
function findGc(): Gc | undefined {
  const existing = (globalThis as { gc?: Gc }).gc;
  if (typeof existing === 'function') return existing;
  try {
    v8.setFlagsFromString('--expose-gc');
    const found: unknown = vm.runInNewContext('gc');
    v8.setFlagsFromString('--no-expose-gc');
    return typeof found === 'function' ? (found as Gc) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs a collection now: of the young generation (about 0.3 ms), or of everything.
 * @returns false where V8 gives us no way to ask for one
 */
export function collect(type: 'minor' | 'major'): boolean {
  if (!searched) {
    searched = true;
    gc = findGc();
  }
  if (gc === undefined) return false;
  const start = performance.now();
  // Node 20 takes every object for a wish for a minor one.
  if (type === 'minor') gc({ type });
  else gc();
  counters[Counter.Collections]++;
  counters[Counter.CollectionMilliseconds] += performance.now() - start;
  return true;
}
