import type { ArenaOptions } from '../options.js';
import type { PinStrategy } from '../pinning/types.js';

/** An exported function of a module, as a task of {@link mtMapArena}. */
export interface ModuleTask {
  /**
   * The module, ECMAScript or CommonJS: a `file:` URL (`new URL('./task.js', import.meta.url)`), an
   * absolute path, a path from the working directory, or the name of a package that is installed there.
   */
  readonly module: string | URL;
  /** The name of the export. @defaultValue the default export, or `module.exports` */
  readonly name?: string;
}

/** A piscina of one's own, as far as {@link mtMapArena} needs it; any version from 4 on. */
export interface TaskPool {
  readonly options: {
    readonly maxThreads: number;
    readonly concurrentTasksPerWorker?: number;
  };
  /** How many tasks wait for a worker: as long as there are none, a map keeps the workers that it has. */
  readonly queueSize?: number;
  run(
    task: unknown,
    options: {
      readonly filename: string;
      readonly name: string;
      // biome-ignore lint/suspicious/noExplicitAny: piscina's own list type differs by version
      readonly transferList: any[];
      readonly signal?: AbortSignal;
    },
  ): Promise<unknown>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  off(event: 'error', listener: (error: unknown) => void): unknown;
}

/** Options of {@link mtMapArena}. */
export interface MtMapArenaOptions extends Omit<ArenaOptions, 'copyResult'> {
  /**
   * How many worker threads are started, at most one per item; an integer of 1 or more.
   * @defaultValue the number of cpus that the process may use
   */
  threads?: number;
  /**
   * How many items a worker is sent at a time; an integer of 1 or more.
   * @defaultValue one at first, then as many as take about 20 ms, and fewer towards the end
   */
  chunk?: number;
  /** Ends the map: running workers are stopped, and the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  /**
   * Called in this thread each time that a chunk is done.
   *
   * @param done - how many items are
   * @param total - of so many
   */
  onProgress?: (done: number, total: number) => void;
  /**
   * Which cpu each worker is placed on, as `pinThreads` says it, or false to leave that to the system.
   * No other thread of the program is moved. Several programs that do this on one machine choose the
   * same cpus: give each its own, or false.
   * @defaultValue `'numa'` for threads that the map starts, unless the calling thread is pinned or the
   *   system does not let threads be placed; false for a `pool`, whose workers stay placed afterwards
   */
  pin?: PinStrategy | false;
  /**
   * A piscina of one's own, to keep its threads for the next call: it is not destroyed, and a worker that
   * has loaded modules before its first task of this kind may have kept constructors that take nothing
   * from arenas. Excludes `threads`.
   */
  pool?: TaskPool;
}
