import os from 'node:os';
import type { MachineFiles } from './files.js';

/** What the OS says of a cpu; undefined is what it does not say. */
export interface CpuFacts {
  readonly id: number;
  readonly online: boolean;
  /** The cpus that it says share its core, itself included. */
  readonly coreMates?: readonly number[] | undefined;
  /** The cpus that it says share its package, itself included. */
  readonly packageMates?: readonly number[] | undefined;
  /** The number of its core; the same numbers come again on other packages and dies. */
  readonly coreId?: number | undefined;
  readonly dieId?: number | undefined;
  readonly packageId?: number | undefined;
}

const FOLDER = 'sys/devices/system/cpu';

/** @returns a number of the OS's, unless it is the -1 that stands for "unknown" */
function known(id: number | undefined): number | undefined {
  return id !== undefined && id >= 0 ? id : undefined;
}

// Names of Linux 5.3 and later first; the old ones mean the same.
function mates(files: MachineFiles, folder: string, names: string[], id: number) {
  for (const name of names) {
    const ids = files.mask(`${folder}/${name}`) ?? files.list(`${folder}/${name}_list`);
    if (ids?.includes(id)) return ids;
  }
  return undefined;
}

function factsOf(files: MachineFiles, id: number, online: boolean): CpuFacts {
  // The kernel takes the folder away while a cpu is offline.
  if (!online) return { id, online };
  const folder = `${FOLDER}/cpu${id}/topology`;
  return {
    id,
    online,
    coreMates: mates(files, folder, ['core_cpus', 'thread_siblings'], id),
    packageMates: mates(files, folder, ['package_cpus', 'core_siblings'], id),
    coreId: known(files.integer(`${folder}/core_id`)),
    dieId: known(files.integer(`${folder}/die_id`)),
    packageId: known(files.integer(`${folder}/physical_package_id`)),
  };
}

function fromSysfs(files: MachineFiles): CpuFacts[] {
  const folders = files.numbers(FOLDER, 'cpu');
  const listed = files.list(`${FOLDER}/online`) ?? [];
  // An empty or missing list says nothing; cpu0 often has no file of its own, being always online.
  const online =
    listed.length > 0
      ? new Set(listed)
      : new Set(folders.filter((id) => files.integer(`${FOLDER}/cpu${id}/online`) !== 0));
  // Kernels from 6.9 on have folders for cpus that may be plugged in later.
  const present = files.list(`${FOLDER}/present`) ?? [];
  const ids = new Set([...(present.length > 0 ? present : folders), ...online]);
  return [...ids].sort((a, b) => a - b).map((id) => factsOf(files, id, online.has(id)));
}

// Where /sys is not mounted. The form depends on the architecture; s390 has no blocks of lines.
function fromCpuinfo(files: MachineFiles): CpuFacts[] {
  const text = files.text('proc/cpuinfo') ?? '';
  const starts = [...text.matchAll(/^processor(?:\s*:\s*(\d{1,5})\s*$|\s+(\d{1,5})\s*:)/gm)];
  return starts.map((start, i) => {
    const block = text.slice(start.index, starts[i + 1]?.index);
    const field = (name: string) => {
      const value = new RegExp(`^${name}\\s*:\\s*(\\d+)\\s*$`, 'm').exec(block)?.[1];
      return value === undefined ? undefined : Number(value);
    };
    return {
      id: Number(start[1] ?? start[2]),
      online: true,
      coreId: field('core id'),
      packageId: field('physical id'),
    };
  });
}

// Systems without either: what libuv finds, numbered as everybody numbers them.
function fromNode(): CpuFacts[] {
  const length = Math.max(os.cpus().length, os.availableParallelism());
  return Array.from({ length }, (_, id) => ({ id, online: true }));
}

const saysNothing = ({ id: _id, online: _online, ...facts }: CpuFacts) =>
  Object.values(facts).every((fact) => fact === undefined);

/** @returns the cpus that are present, by ascending id; none when `files` do not say */
export function readCpus(files: MachineFiles, running: boolean): CpuFacts[] {
  const cpus = fromSysfs(files);
  if (cpus.length > 0 && !cpus.every(saysNothing)) return cpus;
  // Kernels before 2.6.16 have the folders of cpus, but nothing about cores in them.
  const older = fromCpuinfo(files);
  const byId = new Map(older.map((cpu) => [cpu.id, cpu]));
  if (cpus.length > 0)
    return cpus.map((cpu) => (cpu.online ? { ...cpu, ...byId.get(cpu.id) } : cpu));
  return older.length > 0 || !running ? older : fromNode();
}
