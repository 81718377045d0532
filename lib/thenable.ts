import { types } from './primordials.js';

/** Whether `await` would call its `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  // Node's question about a promise is a call out of JavaScript, a third of what an empty scope takes.
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  if (types.isPromise(value)) return true;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    // A Proxy that knows nothing by that name, say: whoever is given it may never ask.
    return false;
  }
}
