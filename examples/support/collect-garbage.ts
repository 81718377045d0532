import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
// Only a context made after the flag was set has `gc`.
const gc = runInNewContext('gc') as () => void;

/** One full collection, which does not wait for finalizers: cheaper, where nothing is to be measured that they free. */
export function collectOnce(): void {
  gc();
}

/** Clears away what earlier runs left, so that the next one pays for its own garbage only. */
export async function collectGarbage(): Promise<void> {
  gc();
  // Finalizers wait for the event loop, and what they drop waits for the next collection.
  await nextTurn();
  gc();
}
