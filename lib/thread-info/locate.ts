import type { Cpu, Topology } from '../topology/types.js';
import type { ThreadLocation } from './types.js';

/** What is known of a thread without the topology. */
export type Whereabouts = Pick<ThreadLocation, 'thread' | 'tid' | 'cpu' | 'affinity'>;

function pinnedTo({ affinity }: Whereabouts): number | undefined {
  return affinity?.length === 1 ? affinity[0] : undefined;
}

/** Adds what the topology says about the cpus that the threads are on. */
export function locate(topology: Topology, threads: readonly Whereabouts[]): ThreadLocation[] {
  const byId = new Map<number | undefined, Cpu>(topology.cpus.map((cpu) => [cpu.id, cpu]));
  return threads.map((whereabouts) => {
    const { thread, tid, affinity } = whereabouts;
    const only = pinnedTo(whereabouts);
    const pinned = only !== undefined;
    // A thread that has just been pinned may not have run since.
    const cpu = only ?? whereabouts.cpu;
    const { core, socket, numaNode } = byId.get(cpu) ?? {};
    const shared =
      pinned && threads.some((other) => other !== whereabouts && pinnedTo(other) === only);
    return { thread, tid, cpu, core, socket, numaNode, affinity, pinned, shared };
  });
}
