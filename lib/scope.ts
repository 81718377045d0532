import { type AsyncLocalStorage, executionAsyncId, executionAsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
import { endInCallbacks, Inactive, isPropagating, storageForAwaits } from './callbacks.js';
import { afterScopes, checking } from './checking.js';
import { collectedSource } from './collected.js';
import { config } from './config.js';
import { copyFromArena } from './copy.js';
import { Counter, counters } from './counters.js';
import { ArenaError, requireFunction } from './errors.js';
import { exitPool } from './exit.js';
import { gate } from './gate.js';
import { watchForIdleness } from './idle.js';
import { bindImports, inUnboundImport } from './imports.js';
import { requireInstalled } from './installed.js';
import {
  type ArenaOptions,
  checkScopeOptions,
  DEFAULT_MIN_BYTES,
  type Release,
} from './options.js';
import { forgetPlace, isReleased, type Released, type Source } from './source.js';
import { defaultMinBytes } from './sparing.js';

/** What is current while `fn` of an `arena(fn)` runs, and in what it starts. */
export class Scope {
  /** Infinite once the scope has ended: an ended scope serves nothing. */
  minBytes: number;
  /** Where {@link Released.rewind} goes when the scope shares its parent's memory. */
  readonly mark: unknown;

  constructor(
    readonly source: Source,
    readonly release: Release,
    minBytes: number,
    readonly zeroFill: boolean,
    readonly copyResult: boolean,
    readonly parent: Scope | undefined,
    readonly sync: boolean,
    /** Whether it may leave small arrays to V8: nobody has given it a `minBytes`. */
    readonly sparing: boolean,
  ) {
    this.minBytes = minBytes;
    this.mark = source === parent?.source && isReleased(source) ? source.mark() : undefined;
  }

  get ended(): boolean {
    return this.minBytes === Number.POSITIVE_INFINITY;
  }

  end(): void {
    if (this.ended) return;
    this.minBytes = Number.POSITIVE_INFINITY;
    gate.open--;
    if (!this.sparing) gate.given--;
    forgetPlace();
    const { source } = this;
    if (!isReleased(source)) return;
    if (this.mark === undefined) source.release();
    else source.rewind(this.mark);
  }
}

/** Current where nothing is to be captured. */
export const NO_SCOPE = new Scope(
  collectedSource,
  'collected',
  Number.POSITIVE_INFINITY,
  true,
  false,
  undefined,
  true,
  false,
);

// Made by the first asynchronous scope: on Node 20 and 22 its first `run`
// switches promise hooks on for the whole process.
let storage: AsyncLocalStorage<Scope | Inactive<Scope>> | undefined;
let hasExitScopes = false;

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
function currentScope(): Scope {
  if (gate.current !== null) return gate.current;
  if (storage === undefined) return NO_SCOPE;
  if (!resourcesHaveContexts) return findScope(storage);
  const resource = executionAsyncId();
  if (resource === knownFor && resource !== NO_RESOURCE) {
    if (known === NO_SCOPE || !known.ended) return known;
  }
  const scope = findScope(storage);
  const isInactive = scope === NO_SCOPE && contextScope() !== undefined;
  knownFor = isInactive ? NO_RESOURCE : resource;
  known = scope;
  return scope;
}

function findScope(from: NonNullable<typeof storage>): Scope {
  const scope = from.getStore();
  if (scope === undefined || scope instanceof Inactive || scope.ended) return NO_SCOPE;
  if (scope.release === 'exit' && !inAwaitChain()) return NO_SCOPE;
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

// The scope that the async context names where it is not active, once that is known.
function inactiveScope(): Scope | undefined {
  return gate.current === null && knownFor === NO_RESOURCE ? contextScope() : undefined;
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

/** Whether nobody has said from which size on arrays are to be served here, if they are at all. */
export function servesByDefault(): boolean {
  if (gate.given === 0) return true;
  if (config.minBytes !== DEFAULT_MIN_BYTES) return false;
  const scope = currentScope();
  return (scope === NO_SCOPE ? inactiveScope() : scope)?.sparing ?? true;
}

const NO_OPTIONS: ArenaOptions = Object.freeze({});

function openScope(options: ArenaOptions, sync: boolean): Scope {
  requireInstalled();
  if (options !== NO_OPTIONS) checkScopeOptions(options);
  watchForIdleness();
  const current = currentScope();
  const parent = current === NO_SCOPE ? undefined : current;
  const release = options.release ?? config.release;
  const minBytes = options.minBytes ?? defaultMinBytes();
  const scope = new Scope(
    release === 'exit' ? exitSourceFor(parent, sync) : collectedSource,
    release,
    minBytes,
    options.zeroFill ?? config.zeroFill,
    options.copyResult ?? release === 'exit',
    parent,
    sync,
    options.minBytes === undefined,
  );
  if (minBytes < gate.floor || gate.open === 0) gate.floor = minBytes;
  gate.open++;
  if (!scope.sparing) gate.given++;
  return scope;
}

// A synchronous scope ends before its parent goes on and can share its memory.
// One that may outlive the call (its siblings may overlap) needs its own.
function exitSourceFor(parent: Scope | undefined, sync: boolean): Source & Released {
  const shared = sync && parent && isReleased(parent.source) ? parent.source : undefined;
  if (!checking()) return shared ?? exitPool.takeSource();
  const { checkedSource }: typeof import('./checked.js') = require('./checked.js');
  return checkedSource(shared);
}

function copyOut<T>(scope: Scope, result: T): T {
  if (!scope.copyResult) return result;
  // Small results of scopes that took nothing are common, and looking at one makes V8 give each small
  // array an ArrayBuffer.
  const { source } = scope;
  if (isReleased(source) && !source.hasTaken(scope.mark)) return result;
  return noCapture(() => copyFromArena(result));
}

function finish<T>(scope: Scope, result: T): T {
  try {
    return copyOut(scope, result);
  } finally {
    scope.end();
  }
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

function runSync<T>(scope: Scope, fn: () => T): T {
  const outer = gate.current;
  gate.current = scope;
  try {
    return fn();
  } finally {
    gate.current = outer;
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (types.isPromise(value)) return true;
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

// Thenables that are no promises (query builders) start when `then` is called,
// which must happen inside the scope, and once.
function adopt<T>(scope: Scope, thenable: PromiseLike<T>): Promise<T> {
  if (types.isPromise(thenable)) return thenable as Promise<T>;
  return inContext(scope, () => new Promise((resolve, reject) => thenable.then(resolve, reject)));
}

function makeStorage(): AsyncLocalStorage<Scope | Inactive<Scope>> {
  const made = storageForAwaits(endsInCallbacks);
  // What a module makes when it is evaluated belongs to the module.
  bindImports(made, () => {
    knownFor = NO_RESOURCE;
    return contextScope() === undefined ? undefined : NO_SCOPE;
  });
  return made;
}

function inContext<T>(scope: Scope, fn: () => T): T {
  storage ??= makeStorage();
  if (scope.release === 'exit' && !hasExitScopes) {
    hasExitScopes = true;
    endInCallbacks(storage, endsInCallbacks);
  }
  return runIn(storage, scope, () => runSync(scope, fn));
}

/**
 * Runs `fn` in an arena scope: typed arrays, ArrayBuffers and Buffers that any code makes in there,
 * libraries included, come from arena memory, and behave as always. The scope lasts until `fn` has
 * returned, or until the promise (thenable) that it returns has settled.
 * Of ArrayBuffers those of 32 KiB and more, before Node 26 (see the README's limits).
 *
 * @param fn - synchronous or asynchronous; called once, without arguments
 * @param options - see {@link ArenaOptions}
 * @returns what `fn` returns; for a promise, a promise of the same outcome. Arrays in the result of
 *   an `'exit'` scope are copied to V8's heap first, see {@link copyFromArena}.
 * @throws what `fn` throws; {@link ArenaError} `ERR_ARENA_INVALID_ARG`, `ERR_ARENA_INVALID_OPTION`,
 *   `ERR_ARENA_NOT_INSTALLED`
 * @example
 * ```ts
 * const thumbnail = await arena(async () => resize(PNG.sync.read(await readFile(path))));
 * ```
 */
export function arena<T>(fn: () => T, options: ArenaOptions = NO_OPTIONS): T {
  requireFunction('fn', fn);
  const result = runToEnd(openScope(options, false), fn);
  afterScopes.look?.();
  return result;
}

// Apart from its caller, like runSyncToEnd, whose frame would keep what was not copied out alive
// while it is looked whether anybody does.
function runToEnd<T>(scope: Scope, fn: () => T): T {
  try {
    const result = inContext(scope, fn);
    if (!isThenable(result)) return finish(scope, result);
    return adopt(scope, result).then(
      (value) => finish(scope, value),
      (reason) => {
        scope.end();
        throw reason;
      },
    ) as T;
  } catch (error) {
    scope.end();
    throw error;
  }
}

/**
 * {@link arena} for synchronous functions only. It never touches `AsyncLocalStorage`, so opening
 * and leaving a scope costs well under 100 ns; in exchange the scope is over when `fn` returns.
 *
 * @throws {@link ArenaError} `ERR_ARENA_SYNC_PROMISE` when `fn` returns a promise or thenable
 */
arena.sync = function sync<T>(fn: () => T, options: ArenaOptions = NO_OPTIONS): T {
  requireFunction('fn', fn);
  const result = runSyncToEnd(openScope(options, true), fn);
  afterScopes.look?.();
  return result;
};

function runSyncToEnd<T>(scope: Scope, fn: () => T): T {
  try {
    const result = runSync(scope, fn);
    if (isThenable(result)) {
      throw new ArenaError(
        'ERR_ARENA_SYNC_PROMISE',
        'The function given to arena.sync returned a promise, which outlives the scope. ' +
          'Use arena(fn) for asynchronous functions',
      );
    }
    return copyOut(scope, result);
  } finally {
    scope.end();
  }
}

/**
 * @returns a function that runs `fn` in a scope of its own each time it is called, with the same
 *   `this` and arguments; it has the name and length of `fn`
 * @example
 * ```ts
 * http.createServer(arena.wrap(handleRequest)).listen(8080);
 * ```
 */
arena.wrap = function wrap<This, Args extends unknown[], Result>(
  fn: (this: This, ...args: Args) => Result,
  options: ArenaOptions = NO_OPTIONS,
): (this: This, ...args: Args) => Result {
  requireFunction('fn', fn);
  checkScopeOptions(options);
  function wrapped(this: This, ...args: Args): Result {
    return arena(() => Reflect.apply(fn, this, args) as Result, options);
  }
  return Object.defineProperties(wrapped, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
  });
};

/**
 * Runs `fn` with ordinary allocation, also after its awaits: for what is meant to outlive an
 * `'exit'` scope (caches, tables built on first use). An {@link arena} inside captures again.
 *
 * @returns what `fn` returns
 * @throws what `fn` throws; {@link ArenaError} `ERR_ARENA_INVALID_ARG`
 */
export function noArena<T>(fn: () => T): T {
  requireFunction('fn', fn);
  return noCapture(() =>
    storage === undefined || contextScope() === undefined ? fn() : runIn(storage, NO_SCOPE, fn),
  );
}

/** What {@link currentArena} tells of a scope. */
export interface ArenaInfo {
  readonly release: Release;
  /** Arrays of fewer bytes are left to V8. */
  readonly minBytes: number;
  readonly zeroFill: boolean;
  /** Whether it was opened by `arena.sync`. */
  readonly sync: boolean;
  /** 1 for a scope that is in no other. */
  readonly depth: number;
}

/** @returns the scope that an array made here and now would belong to, if any */
export function currentArena(): ArenaInfo | undefined {
  const scope = currentScope();
  if (scope === NO_SCOPE) return undefined;
  let depth = 0;
  for (let outer: Scope | undefined = scope; outer; outer = outer.parent) depth++;
  const { release, minBytes, zeroFill, sync } = scope;
  return { release, minBytes, zeroFill, sync, depth };
}
