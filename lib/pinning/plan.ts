import { ArenaError, invalidOption } from '../errors.js';
import { checkValues, flag, requireObject } from '../options.js';
import type { Cpu, Die, Topology } from '../topology/types.js';
import { Layout } from './layout.js';
import { chooseCpus } from './strategies.js';
import type { PinningPlan, PinStrategy, Placement, PlanOptions } from './types.js';

/** Linux numbers no more tasks than that. */
const MOST_THREADS = 2 ** 22;

const isInteger = (value: unknown, least: number, most: number) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

// A list with holes has fewer than it says.
const isListOf = (value: unknown, accepts: (item: object) => boolean): boolean =>
  Array.isArray(value) && Array.from(value).every((item) => isObject(item) && accepts(item));

const CPU_NUMBERS = ['id', 'core', 'socket', 'numaNode'] as const;

/** Whether it has what plans are made of, in the places where it belongs. */
function isTopology(value: unknown): boolean {
  const { cpus, dies, caches } = (value ?? {}) as Partial<Topology>;
  const isPart = (part: Partial<Die>) => Array.isArray(part.cpus);
  return (
    isListOf(cpus, (cpu: Partial<Cpu>) =>
      CPU_NUMBERS.every((name) => Number.isInteger(cpu[name])),
    ) &&
    isListOf(dies ?? [], isPart) &&
    isListOf(caches ?? [], isPart)
  );
}

const RULES = {
  topology: { expected: 'what readTopology() returns', accepts: isTopology },
  threads: {
    expected: `an integer from 1 to ${MOST_THREADS}`,
    accepts: (value: unknown) => isInteger(value, 1, MOST_THREADS),
  },
  compact: flag,
  seed: {
    expected: 'an integer of 0 or more',
    accepts: (value: unknown) => isInteger(value, 0, Number.MAX_SAFE_INTEGER),
  },
  current: { expected: 'a list of cpu ids', accepts: Array.isArray },
  efficiency: flag,
};
const NAMES = Object.keys(RULES);

function checkOptions(options: unknown): asserts options is PlanOptions {
  requireObject(options);
  checkValues(options, NAMES, RULES);
  for (const name of ['topology', 'threads'] as const) {
    const value = (options as Partial<PlanOptions>)[name];
    if (value === undefined) throw invalidOption(name, RULES[name].expected, value);
  }
}

/**
 * Says which cpu each of a number of threads is to run on. Only cpus that are `usable` in the
 * topology are chosen. When a strategy gives fewer cpus than there are threads, it starts over, and
 * the plan says so.
 *
 * @throws {ArenaError} ERR_ARENA_INVALID_ARG when the strategy makes no sense, or names what this
 * machine lacks or this process may not use; ERR_ARENA_INVALID_OPTION
 */
export function planPinning(strategy: PinStrategy, options: PlanOptions): PinningPlan {
  checkOptions(options);
  const { topology, threads, compact = false, efficiency = false, seed, current } = options;
  const layout = new Layout(topology);
  if (layout.usable.length === 0) {
    throw new ArenaError(
      'ERR_ARENA_INVALID_OPTION',
      'Expected a topology with usable cpus for topology but received one without',
    );
  }
  const cpus = chooseCpus(strategy, layout, { compact, efficiency, seed, current, threads });
  const taken = new Set<number>();
  const placements = Array.from({ length: threads }, (_, thread): Placement => {
    const { id, core, socket, numaNode } = cpus[thread % cpus.length] as (typeof cpus)[number];
    const shared = taken.has(id);
    taken.add(id);
    return { thread, cpu: id, core, socket, numaNode, shared };
  });
  return { placements, wrapped: placements.some(({ shared }) => shared) };
}
