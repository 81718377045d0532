import { parseCpuList } from './topology/cpu-sets.js';
import { MachineFiles } from './topology/files.js';
import { nodesOfGpus } from './topology/nodes.js';

const FOLDER = 'sys/devices/system/node';

/**
 * @param root the folder that has the machine's `sys/` and `proc/`
 * @returns ids of the NUMA nodes that have memory and that this process may take memory from,
 *   ascending, GPUs' own left out; node 0 where the system knows of none
 */
export function readMemoryNodes(root: string): readonly number[] {
  const files = new MachineFiles(root);
  const nodes = files.list(`${FOLDER}/has_memory`) ?? files.list(`${FOLDER}/online`) ?? [];
  const status = files.text('proc/self/status') ?? '';
  const list = /^Mems_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  const allowed = list === undefined ? undefined : parseCpuList(list);
  const gpus = nodesOfGpus(files);
  const usable = nodes.filter((node) => !gpus.has(node) && (allowed?.includes(node) ?? true));
  return usable.length > 0 ? usable : [0];
}

/** Those of this machine. */
export const memoryNodes: readonly number[] = readMemoryNodes('/');
