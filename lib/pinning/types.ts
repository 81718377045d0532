import type { Topology } from '../topology/types.js';

/** Part of a machine, made by `socket()`, `numa()`, `core()`, `sockets()`, `numas()`; see places.ts. */
export interface Place {
  readonly kind: 'socket' | 'numa' | 'core' | 'sockets' | 'numas';
  /** The domain's id; undefined for all of them, round robin. */
  readonly id?: number;
  /** Which of its usable cpus, counted from 0: whole cores first, hardware threads last. @defaultValue all */
  readonly members?: readonly number[];
}

/**
 * One of the named ways to place threads: the nodes (`'numa'`) or sockets in turn, one core after another
 * with hardware threads last (`'cores'`, `'affinitymask'`), hardware threads of a core together (`'compact'`,
 * `'cputhreads'`), by ascending number (`'firstn'`), by chance, or where each thread is now (`'current'`).
 */
export type StrategyName =
  | 'cputhreads'
  | 'compact'
  | 'cores'
  | 'sockets'
  | 'numa'
  | 'random'
  | 'current'
  | 'firstn'
  | 'affinitymask';

/**
 * How threads are placed: a name, a likwid string (`'S0:0-3@S1:0-3'`), cpu ids, logical places, or
 * lists of those. A place that is not in a list may also be the text of its call: `'numa(1)'`.
 *
 * Domains of likwid strings are `N` (all), `S` sockets, `D` dies, `C` last-level caches and `M` NUMA
 * nodes; `S` and `M` have the OS's numbers, `D` and `C` those of {@link Topology}.
 */
export type PinStrategy =
  | StrategyName
  | (string & {})
  | Place
  | readonly (number | Place | readonly (number | Place)[])[];

/** Options of `planPinning`. */
export interface PlanOptions {
  readonly topology: Topology;
  /** How many threads are to be placed, 1 or more. */
  readonly threads: number;
  /**
   * With `'sockets'`, `'numa'` and places: hardware threads of a core one after another.
   * @defaultValue false
   */
  readonly compact?: boolean;
  /** Of `'random'`, an integer of 0 or more: the same seed gives the same plan. @defaultValue by chance */
  readonly seed?: number;
  /** For `'current'`: the cpu that each of the threads runs on now. */
  readonly current?: readonly number[];
  /** Whether efficiency cores are used like others; they come last otherwise. @defaultValue false */
  readonly efficiency?: boolean;
}

/** Where one thread is to run. */
export interface Placement {
  /** The thread's number, from 0. */
  readonly thread: number;
  /** The cpu. */
  readonly cpu: number;
  readonly core: number;
  readonly socket: number;
  readonly numaNode: number;
  /** Whether a thread with a lower number has the same cpu: there were more threads than cpus. */
  readonly shared: boolean;
}

/** What `planPinning` returns. */
export interface PinningPlan {
  readonly placements: readonly Placement[];
  /** Whether any cpu is used twice. */
  readonly wrapped: boolean;
}
