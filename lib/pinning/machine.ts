import { invalidOption } from '../errors.js';
import { native } from '../native.js';
import { topologyFrom } from '../topology/read-topology.js';
import type { Topology } from '../topology/types.js';
import { requireCpus } from './refusals.js';

/**
 * The machine as it is now: cpus go offline and cgroups change.
 *
 * @param node - only cpus of this NUMA node are to be usable
 */
export function thisMachine(node?: number): Topology {
  const topology = topologyFrom('/', requireCpus(native.startAffinity()));
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
