import {
  type AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncResource,
} from 'node:async_hooks';
import { types } from 'node:util';

/** What the async context holds where the scope it came from is not active. */
export class Inactive<Scope> {
  constructor(readonly scope: Scope) {}
}

/**
 * Makes the scopes in `storage` inactive in callbacks (of timers, sockets, `process.nextTick`) and in
 * all that these start: their async context is that of whoever made the timer or socket, which says
 * nothing about whose data they bring. Continuations of awaits are no callbacks.
 *
 * @param concerns - whether a scope is one of those
 */
export function deactivateInCallbacks<Scope extends object>(
  storage: AsyncLocalStorage<Scope | Inactive<Scope>>,
  concerns: (scope: Scope) => boolean,
): void {
  const hook = {
    before() {
      const store = storage.getStore();
      if (store === undefined || store instanceof Inactive || !concerns(store)) return;
      const resource = executionAsyncResource();
      // On Node 20 and 22 a continuation has its promise for a resource. Those of users are run by a
      // method that we have replaced; on Node 24 and later it has yet to enter their context.
      if (types.isPromise(resource) || resource instanceof AsyncResource) return;
      storage.enterWith(new Inactive(store));
    },
    // Node 24 and later: continuations have no resource, and must not get one, which is slow.
    trackPromises: false,
  };
  createHook(hook).enable();
}
