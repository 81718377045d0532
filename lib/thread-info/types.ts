import type { HelperPlacement } from '../pinning/helpers.js';
import type { Topology } from '../topology/types.js';

/** A JavaScript thread and where it is. Ids are the OS's; those that it does not tell are undefined. */
export interface ThreadLocation {
  /** Its place in the order of loading arena-pirate; 0 is the main thread. */
  readonly thread: number;
  /** The system's id of the thread; undefined in a plan, whose threads there are not. */
  readonly tid: number | undefined;
  /** The cpu that it runs on, or has last run on. */
  readonly cpu: number | undefined;
  readonly core: number | undefined;
  readonly socket: number | undefined;
  readonly numaNode: number | undefined;
  /** Ids of the cpus that it may run on, ascending. */
  readonly affinity: readonly number[] | undefined;
  /** Whether it may run on that one cpu only. */
  readonly pinned: boolean;
  /** Whether another thread here is pinned to the same cpu. */
  readonly shared: boolean;
}

/** What {@link threadInfo} returns. */
export interface ThreadInfo {
  readonly topology: Topology;
  /** The threads that have loaded arena-pirate, by ascending number. */
  readonly threads: readonly ThreadLocation[];
  /** All other threads of the process: V8's, libuv's, workers that have not loaded it. */
  readonly helpers: readonly HelperPlacement[];
}
