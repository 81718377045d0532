import { AsyncResource } from 'node:async_hooks';
import threads from 'node:worker_threads';
import { runAsCallback } from '../current-scope.js';
import { gate } from '../gate.js';
import { ObjectGetPrototypeOf, ReflectApply } from '../primordials.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

// These run a function in the async context of an earlier time or of somebody else, in the middle of whoever calls them:
// such a function is a callback, and no part of the scope that either of them belongs to.
function withCallback(run: Method, indexIn: (args: readonly unknown[]) => number): Method {
  return function (this: unknown, ...args) {
    const index = indexIn(args);
    const fn = args[index];
    if (gate.open === 0 || typeof fn !== 'function') return ReflectApply(run, this, args);
    args[index] = function (this: unknown, ...inner: unknown[]) {
      return runAsCallback(() => ReflectApply(fn, this, inner));
    };
    return ReflectApply(run, this, args);
  };
}

const first = () => 0;
const lastFunction = (args: readonly unknown[]) =>
  args.findLastIndex((arg) => typeof arg === 'function');

/** Replaces `AsyncResource.prototype.runInAsyncScope`, which what `bind` and `snapshot` return looks up when it is called. */
export function patchAsyncResources(patches: Patches): void {
  const { runInAsyncScope } = AsyncResource.prototype as unknown as { runInAsyncScope: Method };
  patches.replace(AsyncResource.prototype, 'runInAsyncScope', {
    value: disguise(withCallback(runInAsyncScope, first), runInAsyncScope),
  });
}

/** Replaces `navigator.locks.request`, which there is from Node 24.5 on: who releases a lock calls the next one's callback. */
export function patchLocks(patches: Patches): void {
  const { locks } = threads as { readonly locks?: object };
  if (locks === undefined) return;
  const prototype = ObjectGetPrototypeOf(locks) as { request: Method };
  const { request } = prototype;
  patches.replace(prototype, 'request', {
    value: disguise(withCallback(request, lastFunction), request),
  });
}
