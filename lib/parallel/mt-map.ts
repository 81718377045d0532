import { noArena } from '../arena.js';
import { ArenaError, describe } from '../errors.js';
import { requireInstalled } from '../installed.js';
import { checkOptions } from './options.js';
import { ParallelMap } from './parallel-map.js';
import { planPins } from './pins.js';
import { taskMessage } from './task.js';
import type { ModuleTask, MtMapArenaOptions } from './types.js';
import { usableThreads, WorkerPool } from './worker-pool.js';

/**
 * {@link mapArena} on worker threads: runs a task for each item, each in an arena scope of its own, on
 * threads that end when the map does.
 *
 * Items and results are copied as `structuredClone` does: functions cannot be sent, instances of classes
 * become plain objects, Buffers become Uint8Arrays, SharedArrayBuffers are shared. The arrays of a result
 * are copied out of the arena once; large ones are then transferred. What items have in common may or may
 * not be one object to the task, so it should not change them.
 *
 * @param items - any iterable; taken at once
 * @param task - called with the item and its index; synchronous or asynchronous.
 *   - An exported function: `{ module, name }`, or just the module, see {@link ModuleTask}.
 *   - A function, which is sent as source. It may use its parameters, globals that the worker has too,
 *     `require` and `import()`, which start from the working directory, and nothing else.
 * @param options - of the scopes, and `threads`, `chunk`, `signal`, `onProgress`, `pin`, `pool`
 * @returns the results in the order of the items. When it settles, the threads have ended.
 * @throws {@link ArenaError}, by rejection:
 *   - `ERR_ARENA_TASK_FAILED` with `index` and `cause`: the task threw for that item, or the item or the
 *     result cannot be cloned. No other item is begun; those that are running are dropped.
 *   - `ERR_ARENA_WORKER_DIED` with `cause`, and `index` where it ran an item: the thread of that item, or of one that was sent
 *     with it, ended before it had done: `process.exit`, an uncaught error, out of memory. A `pool`
 *     replaces its worker and can be used again.
 *   - `ERR_ARENA_TASK_NOT_LOADED`: there is no such module or export, or loading it fails.
 *   - `ERR_ARENA_TASK_NOT_PORTABLE`: the function uses something of the code around it, which is named,
 *     or is a class, a generator, native or bound.
 *   - `ERR_ARENA_UNSUPPORTED`: `pin` was given, and the system does not let threads be placed.
 *   - `ERR_ARENA_INVALID_ARG` (for `pin` too), `ERR_ARENA_INVALID_OPTION`, `ERR_ARENA_NOT_INSTALLED`
 *
 *   Also what `signal` gives as its reason, and what `onProgress` throws.
 * @example
 * ```ts
 * const sizes = await mtMapArena(files, { module: new URL('./measure.js', import.meta.url) });
 * const sums = await mtMapArena([1e6, 2e6], (n) => new Float64Array(n).fill(0.5).reduce((a, b) => a + b));
 * ```
 */
export function mtMapArena<Item, Result>(
  items: Iterable<Item>,
  task: (item: Item, index: number) => Result | PromiseLike<Result>,
  options?: MtMapArenaOptions,
): Promise<Awaited<Result>[]>;
export function mtMapArena<Result = unknown>(
  items: Iterable<unknown>,
  task: ModuleTask | string | URL,
  options?: MtMapArenaOptions,
): Promise<Result[]>;
export async function mtMapArena(
  items: Iterable<unknown>,
  task: unknown,
  options: MtMapArenaOptions = {},
): Promise<unknown[]> {
  requireInstalled();
  if (typeof (items as Partial<Iterable<unknown>> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new ArenaError(
      'ERR_ARENA_INVALID_ARG',
      `Expected an iterable for items but received ${describe(items)}`,
    );
  }
  const checked = checkOptions(options);
  const message = taskMessage(task);
  const { signal, pool } = checked;
  signal?.throwIfAborted();
  const list = Array.from(items);
  if (list.length === 0) return [];
  // The scope that this is called in, if any, is not that of the threads' sockets and buffers.
  return noArena(async () => {
    // The items may have taken long.
    signal?.throwIfAborted();
    const most = pool?.options.maxThreads ?? checked.threads ?? usableThreads();
    const threads = Math.min(most, list.length);
    const pin = planPins(checked, threads);
    const workers = pool === undefined ? WorkerPool.start(threads) : WorkerPool.borrow(pool);
    return new ParallelMap(list, message, checked, workers, pin).run();
  });
}
