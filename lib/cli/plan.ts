import { onNode } from '../pinning/on-node.js';
import { planPinning } from '../pinning/plan.js';
import { locate } from '../thread-info/locate.js';
import type { ThreadInfo } from '../thread-info/types.js';
import { readTopology } from '../topology/read-topology.js';

/**
 * What `pinThreads` would do on this machine in a process with so many threads. Needs no addon.
 *
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG`, `ERR_ARENA_INVALID_OPTION` for a strategy or a
 *   node that makes no sense here
 */
export function plannedThreads(
  strategy: string,
  node: number | undefined,
  threads: number,
): ThreadInfo {
  const topology = onNode(readTopology(), node);
  const { placements } = planPinning(strategy, { topology, threads });
  const planned = placements.map(({ thread, cpu }) => ({
    thread,
    tid: undefined,
    cpu,
    affinity: [cpu],
  }));
  return { topology, threads: locate(topology, planned), helpers: [] };
}

/**
 * Throws where `pinThreads` would in any process on this machine. Needs no addon.
 *
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG`, `ERR_ARENA_INVALID_OPTION`
 */
export function checkPlan(strategy: string, node: number | undefined): void {
  const topology = onNode(readTopology(), node);
  // For 'current': where the threads will be then is known to the process alone.
  const current = topology.cpus.filter(({ usable }) => usable).map(({ id }) => id);
  planPinning(strategy, { topology, threads: 1, current: current.slice(0, 1) });
}
