import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { runAsCallback } from '../current-scope.js';
import { gate } from '../gate.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

// Both run a function in the async context of an earlier time, in the middle of whoever calls them:
// such a function is a callback, and no part of the scope that either of them belongs to.
function withCallback(run: Method): Method {
  return function (this: unknown, ...args) {
    const [fn] = args;
    if (gate.open === 0 || typeof fn !== 'function') return Reflect.apply(run, this, args);
    const callback = function (this: unknown, ...inner: unknown[]) {
      return runAsCallback(() => Reflect.apply(fn, this, inner));
    };
    return Reflect.apply(run, this, [callback, ...args.slice(1)]);
  };
}

/** Replaces `AsyncResource.prototype.runInAsyncScope` and `AsyncLocalStorage.snapshot`. */
export function patchAsyncResources(patches: Patches): void {
  const { runInAsyncScope } = AsyncResource.prototype as unknown as { runInAsyncScope: Method };
  patches.replace(AsyncResource.prototype, 'runInAsyncScope', {
    value: disguise(withCallback(runInAsyncScope), runInAsyncScope),
  });
  const { snapshot } = AsyncLocalStorage as unknown as { snapshot: () => Method };
  const replacement = { snapshot: () => withCallback(snapshot()) }.snapshot;
  patches.replace(AsyncLocalStorage, 'snapshot', { value: disguise(replacement, snapshot) });
}
