import type { MachineFiles } from './files.js';
import type { LastLevelCache, Socket } from './types.js';

const FOLDER = 'sys/devices/system/cpu';

/** @returns the cpus that share the last cache of a cpu's data, itself among them */
function sharers(files: MachineFiles, cpu: number): number[] | undefined {
  const folder = `${FOLDER}/cpu${cpu}/cache`;
  const caches = files
    .numbers(folder, 'index')
    .map((index) => `${folder}/index${index}`)
    .filter((cache) => files.text(`${cache}/type`) !== 'Instruction')
    .map((cache) => ({ cache, level: files.integer(`${cache}/level`) ?? 0 }))
    .sort((a, b) => b.level - a.level);
  for (const { cache } of caches) {
    const ids = files.mask(`${cache}/shared_cpu_map`) ?? files.list(`${cache}/shared_cpu_list`);
    // Recordings with empty masks exist.
    if (ids?.includes(cpu)) return ids;
  }
  return undefined;
}

/**
 * Finds out which cpus share a last-level cache. It is asked of one cpu for all that share it.
 *
 * @param sockets - with the cpus that are online
 */
export function readCaches(files: MachineFiles, sockets: readonly Socket[]): LastLevelCache[] {
  const groups = sockets.flatMap(({ cpus }) => {
    const left = new Set(cpus);
    const caches: number[][] = [];
    for (const cpu of cpus) {
      if (!left.has(cpu)) continue;
      const shared = sharers(files, cpu);
      const found = [...left].filter((id) => shared?.includes(id) ?? true);
      for (const id of found) left.delete(id);
      caches.push(found);
    }
    return caches;
  });
  return groups.map((cpus, id) => ({ id, cpus }));
}
