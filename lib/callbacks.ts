import {
  type AsyncHook,
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncResource,
} from 'node:async_hooks';
import { types } from './primordials.js';

/** Stands in the async context for a scope that is not active there. */
export class Inactive<Scope> {
  constructor(readonly scope: Scope) {}
}

type Store<Scope> = Scope | Inactive<Scope>;

/** Whether a scope is to be inactive in what is started by a callback that runs now. */
export type EndsInCallbacks<Scope> = (scope: Scope) => boolean;

// What Node 20 and 22 do for each async resource. There a continuation has its promise for a
// resource, so that a promise made under any other resource is one that a callback has made. A hook
// of our own for each continuation would make every await cost half as much again.
class PropagatingStorage<Scope extends object> extends AsyncLocalStorage<Store<Scope>> {
  declare readonly kResourceStore: symbol;
  readonly #ends: EndsInCallbacks<Scope>;

  constructor(ends: EndsInCallbacks<Scope>) {
    super();
    this.#ends = ends;
  }

  _propagate(resource: object, current: Record<symbol, Store<Scope>>, type: string): void {
    const store = current[this.kResourceStore];
    const isPromise = type === 'PROMISE';
    // A new promise has no store, and would need room for one.
    if (store === undefined && isPromise) return;
    const ends =
      isPromise &&
      store !== undefined &&
      !(store instanceof Inactive) &&
      !types.isPromise(current) &&
      this.#ends(store);
    (resource as Record<symbol, unknown>)[this.kResourceStore] = ends ? new Inactive(store) : store;
  }
}

/** An async context for {@link EndsInCallbacks}. */
export function storageForAwaits<Scope extends object>(
  ends: EndsInCallbacks<Scope>,
): AsyncLocalStorage<Store<Scope>> {
  return isPropagating() ? new PropagatingStorage(ends) : new AsyncLocalStorage();
}

/**
 * Whether the async context belongs to the async resource, as on Node 20 and 22, whose number tells it
 * from all others. Later a continuation has a context and no resource.
 */
export const isPropagating = (): boolean => '_propagate' in AsyncLocalStorage.prototype;

/**
 * Makes scopes in `storage` end in callbacks while it is enabled: those of timers, sockets and the like, whose
 * context is that of whoever made the timer or socket and says nothing about whose data they bring. A
 * scope is then inactive there and in all that is started there.
 *
 * @returns undefined where `storage` does so by itself
 */
export function hookForCallbacks<Scope extends object>(
  storage: AsyncLocalStorage<Store<Scope>>,
  ends: EndsInCallbacks<Scope>,
): AsyncHook | undefined {
  if (isPropagating()) return undefined;
  // From Node 24 on continuations have no resource, and a hook that leaves them alone costs them
  // nothing.
  const hook = {
    before() {
      const store = storage.getStore();
      if (store === undefined || store instanceof Inactive || !ends(store)) return;
      const resource = executionAsyncResource();
      // What users run as an AsyncResource enters its context later than this hook is called, and is
      // taken care of in capture/async-resources.ts.
      if (types.isPromise(resource) || resource instanceof AsyncResource) return;
      storage.enterWith(new Inactive(store));
    },
    trackPromises: false,
  };
  return createHook(hook);
}
