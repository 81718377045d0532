import {
  type AsyncHook,
  type AsyncLocalStorage,
  executionAsyncId,
  executionAsyncResource,
} from 'node:async_hooks';
import { hookForCallbacks, Inactive, isPropagating, storageForAwaits } from './callbacks.js';
import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { requireStack } from './enough-stack.js';
import { gate, NOTHING_SERVED } from './gate.js';
import { bindImports, inUnboundImport, unbindImports } from './imports.js';
import { hasOwnMinBytes } from './options.js';
import { types } from './primordials.js';
import { endEntered, entered, NO_SCOPE, Scope } from './scope.js';

// Made by the first asynchronous scope.
let storage: AsyncLocalStorage<Scope | Inactive<Scope>> | undefined;
let callbackHook: AsyncHook | undefined;

// What asynchronous scopes cost all of the process: on Node 20 and 22 each promise is told to a storage that has been
// run, and an await takes up to three times as long; from 24 on each callback is told to the hook that `'exit'` scopes need.
let tracksContexts = false;
let tracksCallbacks = false;
let hasEntered = false;

// In a callback of the event loop the async context is that of whoever made
// the socket or timer, which says nothing about whose data it brings. A
// continuation of an await runs with its promise as the resource (20, 22) or
// outside all resources (24, 26).
function inAwaitChain(): boolean {
  return executionAsyncId() === 0 || types.isPromise(executionAsyncResource());
}

// What is made in the synchronous part of the scope is not made by a callback.
function endsInCallbacks(scope: Scope): boolean {
  if (scope.release !== 'exit') return false;
  for (let active: Scope | null | undefined = gate.current; active; active = active.parent) {
    if (active === scope) return false;
  }
  return true;
}

/** The scope that the async context names, whatever it may serve here. */
function contextScope(): Scope | undefined {
  const store = storage?.getStore();
  const scope = store instanceof Inactive ? store.scope : store;
  return scope === undefined || scope.ended ? undefined : scope;
}

// What was found for an async resource is true as long as it runs, for nobody but `runIn` and
// `enterWith` puts another context in the place of its own. Looking takes 20 ns, its number 2.
const resourcesHaveContexts = isPropagating();
const NO_RESOURCE = 0;
let knownFor = NO_RESOURCE;
let known = NO_SCOPE;

/** The scope that code running now is in, or {@link NO_SCOPE}. */
export function currentScope(): Scope {
  if (gate.current !== null) return gate.current;
  if (storage === undefined) return NO_SCOPE;
  if (!resourcesHaveContexts) return findScope(storage);
  const resource = executionAsyncId();
  if (resource === knownFor && resource !== NO_RESOURCE) {
    if (known === NO_SCOPE || !known.ended) return known;
  }
  const scope = findScope(storage);
  knownFor = passedOver === undefined ? resource : NO_RESOURCE;
  known = scope;
  return scope;
}

// The scope that the last look at the async context has found there, and found not to be active.
let passedOver: Scope | undefined;

function findScope(from: NonNullable<typeof storage>): Scope {
  passedOver = undefined;
  const store = from.getStore();
  if (store === undefined) return NO_SCOPE;
  const scope = store instanceof Inactive ? store.scope : store;
  if (scope.ended) return NO_SCOPE;
  if (scope !== store || (scope.release === 'exit' && !inAwaitChain())) {
    passedOver = scope;
    return NO_SCOPE;
  }
  if (!inUnboundImport()) return scope;
  from.enterWith(NO_SCOPE);
  return NO_SCOPE;
}

/** Runs `fn` with `store` as the async context. */
function runIn<T>(
  from: NonNullable<typeof storage>,
  store: Scope | Inactive<Scope>,
  fn: () => T,
): T {
  knownFor = NO_RESOURCE;
  try {
    return from.run(store, fn);
  } finally {
    knownFor = NO_RESOURCE;
  }
}

// The scope that the async context names where it is not active, to be asked for once `currentScope` has found none.
function inactiveScope(): Scope | undefined {
  return gate.current === null && knownFor === NO_RESOURCE ? passedOver : undefined;
}

/** The scope that is to serve an array of `bytes` made now, if they are enough for it. */
export function scopeFor(bytes: number): Scope {
  const scope = currentScope();
  if (scope === NO_SCOPE) {
    const inactive = inactiveScope();
    if (inactive !== undefined && bytes >= inactive.minBytes) counters[Counter.FallbackCallback]++;
  }
  return scope;
}

/** Whether nothing that is made now belongs to a scope, however large it is. */
export function isOutside(): boolean {
  return currentScope() === NO_SCOPE && inactiveScope() === undefined;
}

/** Whether nobody has said from which size on arrays are to be served here, if they are at all. */
export function servesByDefault(): boolean {
  if (gate.given === 0) return true;
  if (hasOwnMinBytes(config)) return false;
  const scope = currentScope();
  return (scope === NO_SCOPE ? inactiveScope() : scope)?.sparing ?? true;
}

/** Runs `fn` with nothing captured in its synchronous part. */
export function noCapture<T>(fn: () => T): T {
  const outer = gate.current;
  gate.current = NO_SCOPE;
  try {
    return fn();
  } finally {
    gate.current = outer;
  }
}

/**
 * Runs `fn` as a callback is run: the async context decides on the scope, an `'exit'` scope is not
 * active.
 */
export function runAsCallback<T>(fn: () => T): T {
  const outer = gate.current;
  gate.current = null;
  try {
    const store = storage?.getStore();
    if (storage === undefined || !(store instanceof Scope) || store.release !== 'exit') return fn();
    return runIn(storage, new Inactive(store), fn);
  } finally {
    gate.current = outer;
  }
}

/** Runs `fn` in `scope`; what `fn` starts has the async context that it has. */
export function runSync<T>(scope: Scope, fn: () => T): T {
  const outer = gate.current;
  gate.current = scope;
  try {
    return fn();
  } finally {
    gate.current = outer;
  }
}

/**
 * Runs `run`, which has `node:vm` run something. What runs longer than it may, or is interrupted, is terminated: V8 then runs no
 * `finally` up to there, and who called it goes on in the scope that it was in, and no other.
 */
export function survivingTermination<T>(run: () => T): T {
  const outer = gate.current;
  const { isKept, last } = entered;
  const { slicing } = gate;
  const store = storage?.getStore();
  entered.isKept = true;
  try {
    return run();
  } finally {
    entered.isKept = isKept;
    if (gate.current !== outer || entered.last !== last) {
      gate.current = outer;
      endEntered(last);
      knownFor = NO_RESOURCE;
      if (storage !== undefined && storage.getStore() !== store)
        storage.enterWith(store ?? NO_SCOPE);
      gate.serveSpecies = false;
      gate.slicing = slicing;
      if (gate.ceiling === NOTHING_SERVED) gate.ceiling = config.slabBytes / 2;
    }
  }
}

// Whoever overflows the stack in either may go on. What says that it is done is said when it is, and what Node has done of
// it in part is undone: it takes what it has begun to enable for enabled.

function trackContexts(inStorage: NonNullable<typeof storage>): void {
  requireStack();
  try {
    inStorage.run(NO_SCOPE, () => {});
  } catch (error) {
    inStorage.disable();
    throw error;
  }
  // What a module makes when it is evaluated belongs to the module.
  bindImports(inStorage, () => {
    knownFor = NO_RESOURCE;
    return contextScope() === undefined ? undefined : NO_SCOPE;
  });
  tracksContexts = true;
}

function trackCallbacks(inStorage: NonNullable<typeof storage>): void {
  requireStack();
  callbackHook ??= hookForCallbacks(inStorage, endsInCallbacks);
  try {
    callbackHook?.enable();
  } catch (error) {
    callbackHook?.disable();
    throw error;
  }
  tracksCallbacks = true;
}

/** Whether asynchronous scopes cost all of the process. */
export function tracks(): boolean {
  return tracksContexts;
}

/**
 * Whether asynchronous scopes are open, or have been since this was last asked. Where none has, it ends what they cost
 * all of the process, until the next one.
 */
export function stillTracks(): boolean {
  if (storage === undefined || !tracksContexts) return false;
  const isUsed = hasEntered || gate.open > 0;
  hasEntered = gate.open > 0;
  if (isUsed) return true;
  knownFor = NO_RESOURCE;
  tracksContexts = false;
  tracksCallbacks = false;
  unbindImports(storage);
  callbackHook?.disable();
  if (resourcesHaveContexts) storage.disable();
  return false;
}

/** Runs `fn` in `scope`, and what `fn` starts as well. */
export function inContext<T>(scope: Scope, fn: () => T): T {
  storage ??= storageForAwaits(endsInCallbacks);
  hasEntered = true;
  if (!tracksContexts) trackContexts(storage);
  if (!tracksCallbacks && scope.release === 'exit') trackCallbacks(storage);
  return runIn(storage, scope, () => runSync(scope, fn));
}

/** Runs `fn` in no scope as far as the async context is concerned, and what `fn` starts as well. */
export function outOfContext<T>(fn: () => T): T {
  return storage === undefined || contextScope() === undefined
    ? fn()
    : runIn(storage, NO_SCOPE, fn);
}
