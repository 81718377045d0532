import { native } from '../native.js';
import { topologyFrom } from '../topology/read-topology.js';
import { noteStartMask } from '../topology/start-mask.js';
import type { Topology } from '../topology/types.js';
import { requireCpus } from './refusals.js';

/** Has `readTopology()` know the cpus that the process was started with, whatever it is pinned to. */
export function tellStartMask(): void {
  const cpus = native.startAffinity();
  noteStartMask(typeof cpus === 'number' ? undefined : cpus);
}

/** The machine as it is now: cpus go offline and cgroups change. */
export function thisMachine(): Topology {
  return topologyFrom('/', requireCpus(native.startAffinity()));
}
