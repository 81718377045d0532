import type { CpuFacts } from './cpus.js';
import type { Die } from './types.js';

/** Cpus that belong together, in the order of their first cpus. */
export type Groups = CpuFacts[][];

function groupBy(cpus: readonly CpuFacts[], keyOf: (cpu: CpuFacts) => unknown): Groups {
  const groups = new Map<unknown, CpuFacts[]>();
  for (const cpu of cpus) {
    const key = keyOf(cpu);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cpu]);
    else group.push(cpu);
  }
  return [...groups.values()];
}

/** @returns the cores among `cpus`, all of them online */
export function groupCores(cpus: readonly CpuFacts[]): Groups {
  const byId = new Map(cpus.map((cpu) => [cpu.id, cpu]));
  return groupBy(cpus, (cpu) => {
    // AMD's modules list the cpus of two cores as one, but number the cores apart.
    const first = cpu.coreMates?.find((id) => byId.get(id)?.coreId === cpu.coreId);
    if (first !== undefined) return first;
    if (cpu.coreId === undefined || cpu.packageId === undefined) return cpu.id;
    return `${cpu.packageId}/${cpu.dieId}/${cpu.coreId}`;
  });
}

// Itanium gives the packages of a node one number, and their cpus tell them apart. Recordings with a
// wrong mask exist: what the cpus say counts where they agree.
function splitByMates(group: CpuFacts[]): Groups {
  const ids = new Set(group.map((cpu) => cpu.id));
  const key = (cpu: CpuFacts) => cpu.packageMates?.filter((id) => ids.has(id)).join();
  const parts = groupBy(group, key);
  const agree = parts.every((part) => key(part[0] as CpuFacts) === part.map(({ id }) => id).join());
  return agree ? parts : [group];
}

/** A processor package. */
export interface PackageGroup {
  readonly id: number;
  readonly cpus: readonly CpuFacts[];
}

/** @returns the packages among `cpus`, all of them online, by ascending id */
export function groupPackages(cpus: readonly CpuFacts[]): PackageGroup[] {
  const byId = new Map(cpus.map((cpu) => [cpu.id, cpu]));
  const packageId = (cpu: CpuFacts): number | undefined =>
    cpu.packageId ??
    cpu.packageMates?.map((id) => byId.get(id)?.packageId).find((id) => id !== undefined);
  const groups = groupBy(cpus, packageId).flatMap(splitByMates);
  groups.sort(([a], [b]) => (a as CpuFacts).id - (b as CpuFacts).id);
  const ids = groups.map(([first]) => packageId(first as CpuFacts));
  const usable = !ids.includes(undefined) && new Set(ids).size === ids.length;
  return groups
    .map((group, i) => ({ id: usable ? (ids[i] as number) : i, cpus: group }))
    .sort((a, b) => a.id - b.id);
}

/** @returns the dies of packages */
export function groupDies(packages: readonly PackageGroup[]): Die[] {
  return packages
    .flatMap(({ cpus }) => groupBy(cpus, (cpu) => cpu.dieId))
    .map((die, id) => ({ id, cpus: die.map((cpu) => cpu.id) }));
}
