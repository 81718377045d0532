import { patchLoaded } from './capture/writes.js';
import { afterScopes, checking } from './checking.js';
import { collectedSource } from './collected.js';
import { config } from './config.js';
import { copyOutOfArena } from './copy.js';
import { currentScope, inContext, noCapture, outOfContext, runSync } from './current-scope.js';
import { ArenaError, requireRunning } from './errors.js';
import { exitPool } from './exit.js';
import { gate } from './gate.js';
import { watchForIdleness } from './idle.js';
import { requireInstalled } from './installed.js';
import { type ArenaOptions, checkScopeOptions, type Release } from './options.js';
import {
  ObjectAssign,
  ObjectDefineProperties,
  ObjectFreeze,
  ReflectApply,
  types,
} from './primordials.js';
import { endUnended, entered, NO_SCOPE, Scope, unended } from './scope.js';
import { isReleased, type Released, type Source } from './source.js';
import { defaultMinBytes } from './sparing.js';
import { isThenable } from './thenable.js';

const NO_OPTIONS: ArenaOptions = ObjectFreeze({});

function openScope(options: ArenaOptions, sync: boolean): Scope {
  requireInstalled();
  if (unended.first !== undefined) endUnended();
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
  if (entered.isKept) {
    scope.below = entered.last;
    entered.last = scope;
  }
  return scope;
}

// A synchronous scope ends before its parent goes on and can share its memory.
// One that may outlive the call (its siblings may overlap) needs its own.
function exitSourceFor(parent: Scope | undefined, sync: boolean): Source & Released {
  patchLoaded();
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
  return noCapture(() => copyOutOfArena(result, isReleased(source) && !checking()));
}

// What is thrown may have arrays in it, too. Apart from its callers: of what is thrown once more and never caught, Node shows
// the line that has done so, which is to be the user's where nothing is copied.
function copyingThrown<T>(run: (scope: Scope, fn: () => T) => T, scope: Scope, fn: () => T): T {
  try {
    return run(scope, fn);
  } catch (error) {
    throw copyOut(scope, error);
  }
}

function finish<T>(scope: Scope, result: T, hasFailed = false): T {
  // Where `arena` threw after it had asked to be told, an overflow of the stack say.
  if (scope.minBytes === Number.POSITIVE_INFINITY) return result;
  try {
    return copyOut(scope, result);
  } finally {
    scope.minBytes = Number.POSITIVE_INFINITY;
    try {
      scope.end(false, hasFailed);
    } catch {
      scope.next = unended.first;
      unended.first = scope;
    }
  }
}

/** Calls one of the two when it has settled. @returns a promise of what that returns or throws */
function whenSettled<T>(
  scope: Scope,
  thenable: PromiseLike<T>,
  onFulfilled: (value: T) => T,
  onRejected: (reason: unknown) => never,
): PromiseLike<T> {
  const isPromise = types.isPromise(thenable);
  const { then } = thenable;
  if (isPromise && then === Promise.prototype.then) {
    return ReflectApply(then, thenable, [onFulfilled, onRejected]);
  }
  // Others (query builders, lazy promises) may start when `then` is called, which must happen inside
  // the scope, and once.
  return inContext(scope, () =>
    isPromise
      ? ReflectApply(then, thenable, [onFulfilled, onRejected])
      : new Promise<T>((resolve, reject) => {
          ReflectApply(then, thenable, [resolve, reject]);
        }).then(onFulfilled, onRejected),
  );
}

// Apart from its caller, like runSyncToEnd, whose frame would keep what was not copied out alive
// while it is looked whether anybody does.
// What ends the scope is called where no stack is needed to get to it: see `unended`.
function runToEnd<T>(options: ArenaOptions, fn: () => T): T {
  const scope = openScope(options, false);
  let isPending = false;
  try {
    const result = scope.copyResult ? copyingThrown(inContext, scope, fn) : inContext(scope, fn);
    if (!isThenable(result)) return copyOut(scope, result);
    const outcome = whenSettled(
      scope,
      result,
      (value) => finish(scope, value),
      (reason) => {
        throw finish(scope, reason, true);
      },
    );
    isPending = true;
    return outcome as T;
  } finally {
    if (!isPending) {
      scope.minBytes = Number.POSITIVE_INFINITY;
      try {
        scope.end();
      } catch {
        scope.next = unended.first;
        unended.first = scope;
      }
    }
    if (entered.last === scope) entered.last = scope.below;
  }
}

function runSyncToEnd<T>(options: ArenaOptions, fn: () => T): T {
  const scope = openScope(options, true);
  try {
    const result = scope.copyResult ? copyingThrown(runSync, scope, fn) : runSync(scope, fn);
    if (isThenable(result)) {
      throw new ArenaError(
        'ERR_ARENA_SYNC_PROMISE',
        'The function given to arena.sync returned a promise, which outlives the scope. ' +
          'Use arena(fn) for asynchronous functions',
        { promise: result },
      );
    }
    return copyOut(scope, result);
  } finally {
    scope.minBytes = Number.POSITIVE_INFINITY;
    try {
      scope.end();
    } catch {
      scope.next = unended.first;
      unended.first = scope;
    }
    if (entered.last === scope) entered.last = scope.below;
  }
}

// Parameters without types get those that the context asks for, as in `createServer(arena.wrap((request) => …))`.
// biome-ignore lint/suspicious/noExplicitAny: of any parameters
type AnyArguments = any[];

/** The type of {@link arena}. */
export interface Arena {
  /**
   * Runs `fn` in an arena scope: typed arrays, ArrayBuffers and Buffers that any code makes in there,
   * libraries included, come from arena memory, and behave as always. The scope lasts until `fn` has
   * returned, or until the promise (thenable) that it returns has settled.
   * Of ArrayBuffers the larger ones, before Node 26 (see "The sharp edges" in the README).
   *
   * @param fn - synchronous or asynchronous; called once, without arguments
   * @param options - see {@link ArenaOptions}
   * @returns what `fn` returns; for a promise, a promise of the same outcome. Arrays in the result of
   *   an `'exit'` scope, and in what it throws, are copied first, see {@link ArenaOptions.copyResult}.
   * @throws what `fn` throws; {@link ArenaError} `ERR_ARENA_INVALID_ARG`, `ERR_ARENA_INVALID_OPTION`,
   *   `ERR_ARENA_NOT_INSTALLED`
   * @example
   * ```ts
   * const thumbnail = await arena(async () => resize(PNG.sync.read(await readFile(path))));
   * ```
   */
  <T>(fn: () => T, options?: ArenaOptions): T;

  /**
   * {@link arena} for synchronous functions only. It never touches `AsyncLocalStorage`, so opening
   * and leaving a scope costs less than 100 ns; in exchange the scope is over when `fn` returns.
   *
   * @param fn - synchronous; called once, without arguments
   * @param options - see {@link ArenaOptions}
   * @returns what `fn` returns; arrays in the result of an `'exit'` scope are copied first
   * @throws what `fn` throws; {@link ArenaError} `ERR_ARENA_SYNC_PROMISE` when `fn` returns a promise or
   *   thenable, which is then the error's {@link ArenaError.promise}, and those of {@link arena}
   */
  sync<T>(fn: () => T, options?: ArenaOptions): T;

  /**
   * Makes a function that runs `fn` in a scope each time it is called.
   *
   * @param fn - synchronous or asynchronous
   * @param options - see {@link ArenaOptions}; checked at once
   * @returns a function that runs `fn` in a scope of its own each time it is called, with the same
   *   `this` and arguments; it has the name and length of `fn`
   * @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG`, `ERR_ARENA_INVALID_OPTION`
   * @example
   * ```ts
   * http.createServer(arena.wrap(handleRequest)).listen(8080);
   * ```
   */
  wrap<This, Args extends AnyArguments, Result>(
    fn: (this: This, ...args: Args) => Result,
    options?: ArenaOptions,
  ): (this: This, ...args: Args) => Result;
}

function sync<T>(fn: () => T, options: ArenaOptions = NO_OPTIONS): T {
  requireRunning('fn', fn);
  const result = runSyncToEnd(options, fn);
  afterScopes.look?.();
  return result;
}

function wrap<This, Args extends AnyArguments, Result>(
  fn: (this: This, ...args: Args) => Result,
  options: ArenaOptions = NO_OPTIONS,
): (this: This, ...args: Args) => Result {
  requireRunning('fn', fn);
  checkScopeOptions(options);
  function wrapped(this: This, ...args: Args): Result {
    return arena(() => ReflectApply(fn, this, args) as Result, options);
  }
  return ObjectDefineProperties(wrapped, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
  });
}

// Its type is declared by hand: TypeScript leaves out comments on properties that are assigned to a function.
export const arena: Arena = ObjectAssign(
  function arena<T>(fn: () => T, options: ArenaOptions = NO_OPTIONS): T {
    requireRunning('fn', fn);
    const result = runToEnd(options, fn);
    afterScopes.look?.();
    return result;
  },
  { sync, wrap },
);

/**
 * Runs `fn` with ordinary allocation, also after its awaits: for what is meant to outlive an
 * `'exit'` scope (caches, tables built on first use). An {@link arena} inside captures again.
 *
 * @returns what `fn` returns
 * @throws what `fn` throws; {@link ArenaError} `ERR_ARENA_INVALID_ARG`
 */
export function noArena<T>(fn: () => T): T {
  requireRunning('fn', fn);
  return noCapture(() => outOfContext(fn));
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
