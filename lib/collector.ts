import vm from 'node:vm';
import { Counter, counters } from './counters.js';
import { isStackAmple } from './enough-stack.js';
import { HelpChoice } from './help-choice.js';
import { now } from './intrinsics.js';
import { uncurryThis } from './primordials.js';
import { type FlagSwitch, switchFor, withFlag } from './v8-flags.js';

type Gc = (options?: { type: 'minor' }) => void;

let gc: Gc | undefined;
let searched = false;

const sourceOf = uncurryThis(Function.prototype.toString as (this: Gc) => string);

// A program's own in its place may make arrays, for which it would be called again. What is bound has
// no name in its source. A regular expression would not do: where little stack is left, V8 fails to compile one with a
// SyntaxError.
function isBuiltIn(value: unknown): value is Gc {
  return typeof value === 'function' && sourceOf(value as Gc) === 'function gc() { [native code] }';
}

function findGc(): Gc | undefined {
  const existing = (globalThis as { gc?: unknown }).gc;
  if (isBuiltIn(existing)) return existing;
  // Under --expose-gc, which is to stay set.
  if (existing !== undefined) {
    const own: unknown = vm.runInNewContext('globalThis.gc');
    if (isBuiltIn(own)) return own;
  }
  // V8 hands `gc` to contexts that are made while the flag is set. Undefined where that is not
  // possible: memory then waits for V8's own collections.
  return withFlag('expose-gc', () => vm.runInNewContext('gc') as Gc);
}

// By default V8 has its other threads help to copy what is alive, and to free the ArrayBuffers that are not. Waking
// them takes longer than either where nearly everything is dead, as it is in scopes. V8 looks at each of these flags
// once a collection.
const HELP = ['parallel-scavenge', 'concurrent-array-buffer-sweeping'];
const helpChoice = new HelpChoice();
let help: FlagSwitch | undefined;

function collectYoung(gc: Gc): number {
  const helped = help === undefined || helpChoice.isWanted();
  const start = now();
  if (!helped) help?.off();
  try {
    // Node 20 takes every object for a wish for a minor one.
    gc({ type: 'minor' });
  } finally {
    if (!helped) help?.on();
  }
  const milliseconds = now() - start;
  helpChoice.learn(milliseconds, helped);
  return milliseconds;
}

function collectAll(gc: Gc): number {
  const start = now();
  gc();
  return now() - start;
}

/**
 * Runs a collection now: of the young generation (about 0.1 ms), or of everything.
 * @returns false where V8 gives us no way to ask for one, or too little stack is left to look for it
 */
export function collect(type: 'minor' | 'major'): boolean {
  if (!searched) {
    // The next one will search.
    if (!isStackAmple()) return false;
    searched = true;
    gc = findGc();
    help = switchFor(HELP);
  }
  if (gc === undefined) return false;
  const milliseconds = type === 'minor' ? collectYoung(gc) : collectAll(gc);
  counters[Counter.Collections]++;
  counters[Counter.CollectionMilliseconds] += milliseconds;
  return true;
}
