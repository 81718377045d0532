import { native } from '../native.js';
import { checkValues, requireObject, type ValueRule } from '../options.js';
import { type HelperPlacement, helperCpus } from './helpers.js';
import { thisMachine } from './machine.js';
import { onNode } from './on-node.js';
import { planPinning } from './plan.js';
import { requireDone } from './refusals.js';
import { helperThreads, javaScriptThreads, lastCpu } from './threads.js';
import type { PinningPlan, PinStrategy, Placement, PlanOptions } from './types.js';

/** Options of {@link pinThreads}. */
export interface PinOptions extends Pick<PlanOptions, 'compact' | 'seed' | 'efficiency'> {
  /**
   * Which threads are placed. With `'javascript'` all others, such as V8's helpers and libuv's pool,
   * keep the cpus that the process was started with, also those that a pinned thread creates. With
   * `'all'` they get the cpus that are left: on the same NUMA nodes, elsewhere when those have fewer
   * than two left, or else all of the same nodes. @defaultValue `'javascript'`
   */
  readonly threads?: 'javascript' | 'all';
  /** The id of the only NUMA node whose cpus are used. @defaultValue all nodes */
  readonly node?: number;
}

/** Where {@link pinThreads} has placed one thread. */
export interface ThreadPlacement extends Placement {
  /** The system's id of the thread. */
  readonly tid: number;
}

/** What {@link pinThreads} returns. */
export interface Pinning extends PinningPlan {
  /** The threads that have loaded arena-pirate, by ascending number. */
  readonly placements: readonly ThreadPlacement[];
  /** All other threads, when they were to be placed too; empty otherwise. */
  readonly helpers: readonly HelperPlacement[];
}

// What has no more to it here is checked by planPinning.
const RULES: Record<string, ValueRule> = {
  threads: {
    expected: "'javascript' or 'all'",
    accepts: (value) => value === 'javascript' || value === 'all',
  },
  node: { expected: 'the id of a NUMA node', accepts: Number.isInteger },
  compact: { expected: '', accepts: () => true },
  seed: { expected: '', accepts: () => true },
  efficiency: { expected: '', accepts: () => true },
};

/** Where every thread is to be, those too that there are not yet. */
interface Plan {
  /** By the number of the thread. */
  readonly places: readonly Placement[];
  /** Whether threads past them stay where they load arena-pirate. */
  readonly laterStay: boolean;
  /** Ids of the cpus for other threads; empty for those of the start. */
  readonly helpers: readonly number[];
}

function makePlan(strategy: PinStrategy, options: PinOptions): Plan {
  requireObject(options);
  checkValues(options, Object.keys(RULES), RULES);
  const { threads, node, ...chosen } = options;
  const topology = onNode(thisMachine(), node);
  const present = javaScriptThreads();
  const numbers = present.map(({ thread }) => thread);
  const count = Math.max(...numbers) + 1;
  const laterStay = strategy === 'current';
  const current = laterStay ? currentCpus(count) : undefined;
  // Both plans below must come from the same chance.
  const seed =
    chosen.seed ?? (strategy === 'random' ? Math.floor(Math.random() * 2 ** 32) : undefined);
  const plan = (total: number) =>
    planPinning(strategy, { ...chosen, seed, current, topology, threads: total }).placements;
  const now = plan(count);
  const usable = topology.cpus.filter((cpu) => cpu.usable).length;
  const later = laterStay || usable <= count ? [] : plan(usable).slice(count);
  const taken = numbers.map((number) => (now[number] as Placement).cpu);
  const helpers = threads === 'all' ? helperCpus(topology, taken) : [];
  return { places: [...now, ...later], laterStay, helpers };
}

// Numbers that no thread has stand for a cpu as well.
function currentCpus(count: number): number[] {
  const own = native.currentCpu();
  const byNumber = new Map(javaScriptThreads().map(({ thread, tid }) => [thread, lastCpu(tid)]));
  return Array.from({ length: count }, (_, number) => byNumber.get(number) ?? own);
}

/** Places the threads, and those to come. */
function carryOut({ places, laterStay, helpers }: Plan): Pinning {
  const cpus = places.map(({ cpu }) => cpu);
  requireDone('sched_setaffinity', native.pin(cpus, laterStay, helpers));
  const taken = new Set<number>();
  const placements = javaScriptThreads().map(({ thread, tid }): ThreadPlacement => {
    const place = places[thread % places.length] as Placement;
    const shared = taken.has(place.cpu);
    taken.add(place.cpu);
    return { ...place, thread, tid, shared };
  });
  return {
    placements,
    wrapped: placements.some(({ shared }) => shared),
    helpers: helpers.length > 0 ? helperThreads() : [],
  };
}

/**
 * Places every JavaScript thread of the process that has loaded arena-pirate on a cpu of its own, at
 * once, whichever thread calls it; threads that load it later take their places then. All that is
 * pinned stays so until {@link unpinThreads} or the next call.
 *
 * @param strategy - `'numa'`, `'cores'` and the like, a likwid string, cpu ids, or places; see
 *   {@link PinStrategy}
 * @param options - which threads, on which node, in which order
 * @returns which thread is where; whether any share a cpu, because there are more threads than cpus
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG` when the strategy makes no sense, or names what
 *   this process cannot use, `ERR_ARENA_INVALID_OPTION`, `ERR_ARENA_UNSUPPORTED` where the system does
 *   not allow it; nothing has changed then
 */
export function pinThreads(strategy: PinStrategy, options: PinOptions = {}): Pinning {
  const plan = makePlan(strategy, options);
  native.startThreadPool();
  return carryOut(plan);
}

/**
 * {@link pinThreads} while the process starts: does not start libuv's threads, whose number the program
 * may want to set first (`process.env.UV_THREADPOOL_SIZE`).
 */
export function pinAtStart(strategy: PinStrategy, options: PinOptions): void {
  carryOut(makePlan(strategy, options));
  setImmediate(() => {
    native.startThreadPool();
    native.sweepHelpers();
  }).unref();
}

/**
 * Gives every thread of the process the cpus back that the process was started with. Threads that load
 * arena-pirate later are not placed any more.
 *
 * @throws {@link ArenaError} `ERR_ARENA_UNSUPPORTED` where the system does not allow it
 */
export function unpinThreads(): void {
  requireDone('sched_setaffinity', native.unpin());
}

/** @returns what is, to be called to have it back */
export function savePinning(): () => void {
  const id = native.savePinning();
  return () => requireDone('sched_setaffinity', native.restorePinning(id));
}
