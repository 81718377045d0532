import { expect, it } from 'vitest';
import type { Machine } from './support/machines.js';
import type { Guest } from './support/on-machine.js';

/** What the package must find, from what qemu was told to be. */
function expectedTopology({ sockets, coresPerSocket, threadsPerCore, nodes, distances }: Machine) {
  const cores = Array.from({ length: sockets * coresPerSocket }, (_, id) => id);
  const cpusOf = (core: number) =>
    Array.from({ length: threadsPerCore }, (_, rank) => core * threadsPerCore + rank);
  const nodeOf = (cpu: number) => nodes.findIndex((node) => node.cpus.includes(cpu));
  const socketOf = (core: number) => Math.floor(core / coresPerSocket);
  const kind = 'performance';
  return {
    cpus: cores.flatMap((core) =>
      cpusOf(core).map((id, rank) => ({
        ...{ id, core, socket: socketOf(core), numaNode: nodeOf(id) },
        ...{ rank, kind, online: true, usable: true },
      })),
    ),
    cores: cores.map((id) => {
      const cpus = cpusOf(id);
      return { id, socket: socketOf(id), numaNode: nodeOf(cpus[0] as number), kind, cpus };
    }),
    sockets: Array.from({ length: sockets }, (_, id) => ({
      id,
      cpus: cores.filter((core) => socketOf(core) === id).flatMap(cpusOf),
    })),
    numaNodes: nodes.flatMap(({ cpus, hidden }, id) =>
      hidden
        ? []
        : {
            ...{ id, cpus, memoryBytes: expect.any(Number) },
            distances: nodes.flatMap((node, to) =>
              node.hidden ? [] : [[to, distances[id]?.[to]]],
            ),
          },
    ),
    smt: threadsPerCore,
    kinds: [kind],
  };
}

/** Tests that `readTopology()` sees the machine as it is. */
export function topologyTests(guest: Guest, machine: Machine): void {
  it('has the cpus, cores, sockets, nodes and distances that qemu was told', async () => {
    const { topology, dies, caches } = await guest.run(({ readTopology }) => {
      const { numaNodes, dies, caches, ...rest } = readTopology();
      const nodes = numaNodes.map((node) => ({ ...node, distances: [...node.distances] }));
      return { topology: { ...rest, numaNodes: nodes }, dies, caches };
    });
    expect(topology).toEqual(expectedTopology(machine));
    // qemu gives a socket one die, and its cpus a cache in common.
    const packages = topology.sockets.map(({ cpus }) => cpus);
    expect(dies?.map(({ cpus }) => cpus)).toEqual(packages);
    expect(caches?.map(({ cpus }) => cpus)).toEqual(packages);
    for (const { id, memoryBytes } of topology.numaNodes) {
      // The kernel keeps some for itself.
      const given = (machine.nodes[id]?.mib ?? 0) * 2 ** 20;
      expect(memoryBytes, `memory of node ${id}`).toBeLessThanOrEqual(given);
      expect(memoryBytes, `memory of node ${id}`).toBeGreaterThan(given * 0.8);
    }
  });
}
