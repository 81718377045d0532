import { invalidOption } from '../errors.js';
import type { Topology } from '../topology/types.js';

/** @returns the topology, with cpus of one NUMA node only usable; all of it without a node */
export function onNode(topology: Topology, node: number | undefined): Topology {
  if (node === undefined) return topology;
  const nodes = new Set(topology.cpus.filter((cpu) => cpu.usable).map((cpu) => cpu.numaNode));
  if (!nodes.has(node)) {
    const ids = [...nodes].sort((a, b) => a - b).join(', ');
    throw invalidOption('node', `the id of a NUMA node with cpus for this process (${ids})`, node);
  }
  const cpus = topology.cpus.map((cpu) => ({
    ...cpu,
    usable: cpu.usable && cpu.numaNode === node,
  }));
  return { ...topology, cpus };
}
