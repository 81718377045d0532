import os from 'node:os';
import type { CpuFacts } from './cpus.js';
import type { MachineFiles } from './files.js';
import type { NumaNode } from './types.js';

const FOLDER = 'sys/devices/system/node';
const GPUS = 'proc/driver/nvidia/gpus';
const KIB = 1024;

function memoryIn(files: MachineFiles, name: string): number | undefined {
  const kib = /MemTotal:\s*(\d{1,15})\s*kB/.exec(files.text(name) ?? '')?.[1];
  return kib === undefined ? undefined : Number(kib) * KIB;
}

function memoryOfMachine(files: MachineFiles, running: boolean): number {
  return memoryIn(files, 'proc/meminfo') ?? (running ? os.totalmem() : 0);
}

/** The memory of GPUs that their driver gave to the kernel: nodes, but no place for a program's data. */
export function nodesOfGpus(files: MachineFiles): Set<number> {
  const statuses = files.names(GPUS).map((gpu) => files.text(`${GPUS}/${gpu}/numa_status`) ?? '');
  const ids = statuses.map((status) => /^Node:\s*(\d{1,5})\s*$/m.exec(status)?.[1]);
  return new Set(ids.filter((id) => id !== undefined).map(Number));
}

function nodeIds(files: MachineFiles): number[] {
  const folders = files.numbers(FOLDER, 'node');
  const online = files.list(`${FOLDER}/online`) ?? [];
  const both = folders.filter((id) => online.includes(id));
  return both.length > 0 ? both : folders;
}

// The columns are the nodes that were online, by id; nothing in the file names them.
function distancesOf(files: MachineFiles, id: number, ids: readonly number[]): Map<number, number> {
  const row = (files.text(`${FOLDER}/node${id}/distance`) ?? '').split(/\s+/).map(Number);
  if (row.some((distance) => !(distance > 0))) return new Map();
  const columns = [
    ids,
    files.list(`${FOLDER}/online`) ?? [],
    files.list(`${FOLDER}/possible`) ?? [],
  ].find((candidate) => candidate.length === row.length);
  return new Map(columns?.map((node, i) => [node, row[i] as number]));
}

/** The nodes, and which of them each cpu belongs to. */
export interface NodeMap {
  readonly nodes: readonly NumaNode[];
  /** By the id of a cpu; a cpu that is offline may be missing. */
  readonly nodeOf: ReadonlyMap<number, number>;
}

// The kernel's answer for a cpu, kept while it is offline: a link to its node.
function linkedNode(files: MachineFiles, cpu: number, ids: readonly number[]): number | undefined {
  const linked = files.numbers(`sys/devices/system/cpu/cpu${cpu}`, 'node');
  return linked.find((id) => ids.includes(id));
}

function listedCpus(files: MachineFiles, id: number): number[] {
  const folder = `${FOLDER}/node${id}`;
  return (
    files.mask(`${folder}/cpumap`) ??
    files.list(`${folder}/cpulist`) ??
    files.numbers(folder, 'cpu')
  );
}

/**
 * @param neighbours groups of cpus that are near each other, the nearest first: where a cpu that no
 * node lists belongs
 */
export function readNodes(
  files: MachineFiles,
  cpus: readonly CpuFacts[],
  neighbours: readonly (readonly CpuFacts[])[],
  running: boolean,
): NodeMap {
  const all = nodeIds(files);
  const gpus = nodesOfGpus(files);
  const ids = all.filter((id) => !gpus.has(id));
  if (ids.length === 0) return singleNode(memoryOfMachine(files, running), cpus);

  const isOnline = new Map(cpus.map((cpu) => [cpu.id, cpu.online]));
  const nodeOf = new Map<number, number>();
  const kept = ids.filter((id) => {
    const listed = listedCpus(files, id).filter((cpu) => isOnline.has(cpu));
    const free = listed.filter((cpu) => !nodeOf.has(cpu));
    for (const cpu of free) nodeOf.set(cpu, id);
    // A node all of whose cpus are others' is a kernel's or a firmware's invention (`numa=fake`).
    return free.length > 0 || listed.length === 0;
  });
  for (const cpu of cpus) {
    if (nodeOf.has(cpu.id)) continue;
    const node = linkedNode(files, cpu.id, kept) ?? (kept.length === 1 ? kept[0] : undefined);
    if (node !== undefined) nodeOf.set(cpu.id, node);
  }
  for (const cpu of cpus) {
    if (!cpu.online || nodeOf.has(cpu.id)) continue;
    const near = neighbours.filter((group) => group.includes(cpu)).flat();
    const found = near.map(({ id }) => nodeOf.get(id)).find((node) => node !== undefined);
    nodeOf.set(cpu.id, found ?? (kept[0] as number));
  }

  const nodes = kept.map((id) => ({
    id,
    cpus: cpus.filter((cpu) => cpu.online && nodeOf.get(cpu.id) === id).map((cpu) => cpu.id),
    memoryBytes:
      memoryIn(files, `${FOLDER}/node${id}/meminfo`) ??
      (all.length === 1 ? memoryOfMachine(files, running) : 0),
    distances: new Map([...distancesOf(files, id, all)].filter(([to]) => kept.includes(to))),
  }));
  return { nodes, nodeOf };
}

function singleNode(memoryBytes: number, cpus: readonly CpuFacts[]): NodeMap {
  const online = cpus.filter((cpu) => cpu.online).map((cpu) => cpu.id);
  const node = { id: 0, cpus: online, memoryBytes, distances: new Map<number, number>() };
  return { nodes: [node], nodeOf: new Map(cpus.map((cpu) => [cpu.id, 0])) };
}
