import { native } from '../native.js';
import { topologyFrom } from '../topology/read-topology.js';
import type { Topology } from '../topology/types.js';
import { requireCpus } from './refusals.js';

/** The machine as it is now: cpus go offline and cgroups change. */
export function thisMachine(): Topology {
  return topologyFrom('/', requireCpus(native.startAffinity()));
}
