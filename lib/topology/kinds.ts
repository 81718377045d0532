import type { MachineFiles } from './files.js';

const CPUS = 'sys/devices/system/cpu';

// Intel's hybrid processors: the perf counters of each type of core list its cpus.
function typedCpus(files: MachineFiles): Set<number> | undefined {
  const types = `${CPUS}/types`;
  const named = files
    .names(types)
    .map((name): [string, number[]] => [
      name,
      files.mask(`${types}/${name}/cpumap`) ?? files.list(`${types}/${name}/cpulist`) ?? [],
    ]);
  const units = ['cpu_core', 'cpu_atom', 'cpu_lowpower'].map((name): [string, number[]] => [
    name,
    files.list(`sys/devices/${name}/cpus`) ?? [],
  ]);
  for (const groups of [units, named]) {
    const of = (pattern: RegExp) =>
      groups.filter(([name]) => pattern.test(name)).flatMap(([, ids]) => ids);
    const small = of(/atom|lowpower/);
    if (small.length > 0 && of(/core/).length > 0) return new Set(small);
  }
  return undefined;
}

/**
 * @returns the cpus below the widest gap between the values, if the gap is a factor of `factor` or
 * more; undefined when a value is missing
 */
function belowGap(values: ReadonlyMap<number, number | undefined>, factor: number) {
  const sorted = [...new Set(values.values())].sort((a, b) => Number(b) - Number(a));
  if (!sorted.every((value) => value !== undefined && value > 0)) return undefined;
  let widest = factor;
  let limit = 0;
  for (let i = 1; i < sorted.length; i++) {
    const gap = (sorted[i - 1] as number) / (sorted[i] as number);
    if (gap < widest) continue;
    widest = gap;
    limit = sorted[i] as number;
  }
  return new Set([...values].filter(([, value]) => (value as number) <= limit).map(([id]) => id));
}

/**
 * Finds the efficiency cores: by the type of core where the kernel names it (Intel), else by capacity
 * (Arm), else by frequency. Of three or more classes, those below the widest gap count: with
 * capacities of 1024, 800 and 300 the last. Cores of one make whose fastest are picked out in the
 * factory differ by less than the factors here.
 *
 * @param cpus the ids of the online cpus
 * @returns the cpus of efficiency cores; none on machines with one kind of core
 */
export function efficiencyCpus(files: MachineFiles, cpus: readonly number[]): ReadonlySet<number> {
  const per = (value: (id: number) => number | undefined) =>
    new Map(cpus.map((id) => [id, value(id)]));
  const found =
    typedCpus(files) ??
    belowGap(
      per((id) => files.integer(`${CPUS}/cpu${id}/cpu_capacity`)),
      1.25,
    ) ??
    // The product: settings that raise the base frequency of some cores leave the maximum alone.
    belowGap(
      per((id) => {
        const folder = `${CPUS}/cpu${id}/cpufreq`;
        const max = files.integer(`${folder}/cpuinfo_max_freq`);
        return max && max * (files.integer(`${folder}/base_frequency`) ?? max);
      }),
      1.4,
    ) ??
    new Set<number>();
  return cpus.every((id) => found.has(id)) ? new Set() : found;
}
