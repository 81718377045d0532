import { types } from './primordials.js';

/** Whether `await` would call its `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  // Node's question about a promise is a call out of JavaScript, a third of what an empty scope takes.
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  return types.isPromise(value) || typeof (value as { then?: unknown }).then === 'function';
}
