import { beginTally, checkedScopes, endTally, inTally, type Tally } from './checked.js';
import { startChecking, stopChecking } from './checking.js';
import { ArenaError, requireRunning } from './errors.js';
import { type ArenaEscape, type Before, escapesSince, leftNow } from './escapes.js';
import { requireInstalled } from './installed.js';
import { startImmediate } from './intrinsics.js';
import { isThenable } from './thenable.js';

// Apart from its caller, whose frame would keep the result alive.
function run(fn: () => unknown): Promise<void> | undefined {
  const result = fn();
  if (!isThenable(result)) return undefined;
  return new Promise((resolve, reject) => result.then(() => resolve(), reject));
}

function requireEnded({ open }: Tally): void {
  if (open === 0) return;
  throw new ArenaError(
    'ERR_ARENA_INVALID_ARG',
    `Expected fn to be done after the 'exit' scopes that it opens but ${open} of them ` +
      `${open === 1 ? 'is' : 'are'} still open, so not everything was checked. ` +
      'Return or await the promise that arena() returns',
  );
}

function listSince(before: Before): ArenaEscape[] {
  const escapes = escapesSince(before);
  if (escapes === undefined) {
    throw new ArenaError(
      'ERR_ARENA_UNSUPPORTED',
      'V8 cannot be asked to collect garbage here. Start node with --expose-gc',
    );
  }
  return escapes;
}

/**
 * Calls `fn` with every `'exit'` scope that is opened meanwhile in checked mode, collects garbage,
 * and tells what is still referenced of what those scopes made: what would be overwritten outside
 * checked mode. Whatever is listed has been detached. For tests and development: every array costs
 * some 10 µs, and on Node 20 and 22 detaching slows the typed arrays of the whole process down.
 *
 * @param fn - synchronous or asynchronous; its result is dropped. It has to return or await the
 *   promises of the scopes that it opens
 * @returns one entry for each place in the program that made arrays that escaped, empty if none
 *   did; a promise of that if `fn` returns a promise
 * @throws what `fn` throws; {@link ArenaError} `ERR_ARENA_INVALID_ARG` when `fn` is no function,
 *   has opened no `'exit'` scope or is done before one that it has opened,
 *   `ERR_ARENA_UNSUPPORTED` where garbage cannot be collected on request,
 *   `ERR_ARENA_NOT_INSTALLED`
 * @example
 * ```ts
 * const escapes = findEscapes(() => arena(() => pako.inflate(data), { release: 'exit' }));
 * assert.deepEqual(escapes, []); // fails: pako builds a table when it is first used
 * ```
 */
export function findEscapes(fn: () => PromiseLike<unknown>): Promise<ArenaEscape[]>;
export function findEscapes(fn: () => unknown): ArenaEscape[];
export function findEscapes(fn: () => unknown): ArenaEscape[] | Promise<ArenaEscape[]> {
  requireRunning('fn', fn);
  requireInstalled();
  const before = leftNow();
  const scopesBefore = checkedScopes();
  const tally = beginTally();
  const finish = (): ArenaEscape[] => {
    requireEnded(tally);
    // Those count as well that fn has had somebody else open, a server that it asks say.
    if (checkedScopes() > scopesBefore) return listSince(before);
    throw new ArenaError(
      'ERR_ARENA_INVALID_ARG',
      "Expected fn to open a scope with release: 'exit' but it opened none, so nothing was checked",
    );
  };
  const stop = (): void => {
    stopChecking();
    endTally();
  };
  startChecking();
  let pending: Promise<void> | undefined;
  try {
    pending = inTally(tally, () => run(fn));
    if (pending === undefined) return finish();
  } finally {
    if (pending === undefined) stop();
  }
  return (
    pending
      // The job that settled the promise may still hold what it was settled with.
      .then(() => new Promise((resolve) => startImmediate(resolve)))
      .then(finish)
      .finally(stop)
  );
}
