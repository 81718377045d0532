import { requireFunction } from '../errors.js';
import { isThenable } from '../thenable.js';
import { type Pinning, type PinOptions, pinThreads, savePinning } from './pin.js';
import type { PinStrategy } from './types.js';

async function settled<T>(result: PromiseLike<T>, restore: () => void): Promise<T> {
  try {
    return await result;
  } finally {
    restore();
  }
}

/**
 * Runs `fn` while all JavaScript threads are pinned, see {@link pinThreads}, and puts every thread back
 * where it was when `fn` returns or throws, or when the promise that it returns has settled. Calls may
 * be nested, but must end in the opposite order: two that overlap undo each other's work.
 *
 * @param strategy - as for `pinThreads`
 * @param fn - gets the mapping; synchronous or asynchronous
 * @param options - as for `pinThreads`
 * @returns what `fn` returns; a thenable that is no promise becomes one
 * @throws what `fn` throws, and what `pinThreads` does
 */
export function withPinnedThreads<T>(
  strategy: PinStrategy,
  fn: (pinning: Pinning) => T,
  options: PinOptions = {},
): T {
  requireFunction('fn', fn);
  const restore = savePinning();
  let result: T;
  try {
    result = fn(pinThreads(strategy, options));
  } catch (error) {
    restore();
    throw error;
  }
  if (isThenable(result)) return settled(result, restore) as T;
  restore();
  return result;
}
