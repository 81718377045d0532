import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Core, CoreKind, Cpu, NumaNode, Topology } from 'arena-pirate';

/** Files by their paths below a machine's root. */
export type Files = Readonly<Record<string, string>>;

/** A cpu of a machine that a test makes up. */
export interface MadeUpCpu {
  readonly id: number;
  readonly socket: number;
  readonly node: number;
  /** The number of its core within its socket. */
  readonly core: number;
  /** How much its core does, 1024 at most. */
  readonly capacity: number;
  readonly online: boolean;
  /** Whether the mask of the process has it. */
  readonly allowed: boolean;
}

/** A machine that a test makes up, with at least one cpu that is online and allowed. */
export interface MadeUpMachine {
  readonly cpus: readonly MadeUpCpu[];
  /** Ids of its nodes, those without cpus too, ascending. */
  readonly nodes: readonly number[];
}

/** Which generation of kernels writes the files. */
export type Dialect = 'masks only, no lists of cpus' | 'lists only' | 'both';

const CPU = 'sys/devices/system/cpu';
const NODE = 'sys/devices/system/node';

/** Ids as the kernel lists them: `0-3,8`. */
export function listOf(ids: readonly number[]): string {
  const isLast = (id: number) => !ids.includes(id + 1);
  const firsts = ids.filter((id) => !ids.includes(id - 1));
  return firsts
    .map((first) => [first, ids.find((id) => id >= first && isLast(id)) as number])
    .map(([first, last]) => (first === last ? first : `${first}-${last}`))
    .join(',');
}

/** Ids as the kernel shows them in a mask: groups of 32 bits. */
export function maskOf(ids: readonly number[]): string {
  const bits = ids.reduce((mask, id) => mask | (1n << BigInt(id)), 0n);
  const groups = Math.floor(Math.max(0, ...ids) / 32) + 1;
  const digits = bits.toString(16).padStart(groups * 8, '0');
  return (digits.match(/.{8}/g) as string[]).join();
}

const memoryKib = (node: number) => 1_000_000 + node;
const distance = (from: number, to: number) => (from === to ? 10 : 20 + Math.abs(from - to));

/** What the files of such a machine say, as one generation of kernels writes them. */
export function filesOf({ cpus, nodes }: MadeUpMachine, dialect: Dialect): Files {
  const files: Record<string, string> = {};
  const put = (name: string, ids: number[]) => {
    if (dialect !== 'lists only') files[name] = maskOf(ids);
    if (dialect !== 'masks only, no lists of cpus') files[`${name}_list`] = listOf(ids);
  };
  const old = dialect === 'masks only, no lists of cpus';
  const online = cpus.filter((cpu) => cpu.online);
  const idsOf = (some: readonly MadeUpCpu[]) => some.map(({ id }) => id);
  for (const cpu of cpus) {
    const folder = `${CPU}/cpu${cpu.id}`;
    // The first cpu cannot be taken offline on most machines, and has no file then.
    if (cpu !== cpus[0] || !cpu.online) files[`${folder}/online`] = cpu.online ? '1' : '0';
    if (!old) files[`${folder}/node${cpu.node}/uevent`] = '';
    if (!cpu.online) continue;
    const inSocket = online.filter(({ socket }) => socket === cpu.socket);
    const inCore = inSocket.filter(({ core }) => core === cpu.core);
    files[`${folder}/topology/physical_package_id`] = `${cpu.socket}`;
    files[`${folder}/topology/core_id`] = `${cpu.core}`;
    put(`${folder}/topology/${old ? 'thread_siblings' : 'core_cpus'}`, idsOf(inCore));
    put(`${folder}/topology/${old ? 'core_siblings' : 'package_cpus'}`, idsOf(inSocket));
    if (!old) {
      // The last one of the cpu's data is that of its node in its socket.
      const near = inSocket.filter(({ node }) => node === cpu.node);
      const levels: [string, string, MadeUpCpu[]][] = [
        ['1', 'Data', inCore],
        ['4', 'Instruction', inCore],
        ['3', 'Unified', near],
        ['2', 'Unified', inCore],
      ];
      for (const [i, [level, type, sharers]] of levels.entries()) {
        const cache = `${folder}/cache/index${i}`;
        files[`${cache}/level`] = level;
        files[`${cache}/type`] = type;
        if (dialect !== 'lists only') files[`${cache}/shared_cpu_map`] = maskOf(idsOf(sharers));
        files[`${cache}/shared_cpu_list`] = listOf(idsOf(sharers));
      }
    }
    files[`${folder}/cpu_capacity`] = `${cpu.capacity}`;
  }
  if (!old) {
    files[`${CPU}/online`] = listOf(idsOf(online));
    files[`${CPU}/present`] = listOf(idsOf(cpus));
    files[`${NODE}/online`] = listOf(nodes);
  }
  for (const id of nodes) {
    const ids = idsOf(online.filter(({ node }) => node === id));
    if (dialect !== 'lists only') files[`${NODE}/node${id}/cpumap`] = maskOf(ids);
    if (!old) files[`${NODE}/node${id}/cpulist`] = listOf(ids);
    files[`${NODE}/node${id}/meminfo`] = `\nNode ${id} MemTotal:  ${memoryKib(id)} kB\n`;
    files[`${NODE}/node${id}/distance`] = nodes.map((to) => distance(id, to)).join(' ');
  }
  const allowed = idsOf(cpus.filter((cpu) => cpu.allowed));
  files['proc/self/status'] = `Name:\tnode\nCpus_allowed_list:\t${listOf(allowed)}\n`;
  return files;
}

/** The topology that readTopology() should find in the files of such a machine. */
export function topologyOf({ cpus, nodes }: MadeUpMachine, dialect: Dialect = 'both'): Topology {
  const online = cpus.filter((cpu) => cpu.online);
  const capacities = online.map(({ capacity }) => capacity);
  const small = Math.max(...capacities) * 0.75;
  const kindOf = (capacity: number): CoreKind => (capacity < small ? 'efficiency' : 'performance');
  const keyOf = (cpu: MadeUpCpu) => `${cpu.socket}/${cpu.core}`;
  const keys = [...new Set(online.map(keyOf))];
  const cores = keys.map((key, id): Core => {
    const own = online.filter((cpu) => keyOf(cpu) === key);
    const { socket, node, capacity } = own[0] as MadeUpCpu;
    const ids = own.map((cpu) => cpu.id);
    return { id, socket, numaNode: node, kind: kindOf(capacity), cpus: ids };
  });
  const offlineNode = (node: number) => {
    if (dialect !== 'masks only, no lists of cpus') return node;
    return nodes.length === 1 ? node : -1;
  };
  const idsIn = (test: (cpu: MadeUpCpu) => boolean) => online.filter(test).map(({ id }) => id);
  const sockets = [...new Set(online.map(({ socket }) => socket))]
    .sort((a, b) => a - b)
    .map((id) => ({ id, cpus: idsIn(({ socket }) => socket === id) }));
  const knowsCaches = dialect !== 'masks only, no lists of cpus';
  const caches = sockets.flatMap(({ id }) => {
    const inSocket = online.filter(({ socket }) => socket === id);
    const places = new Set(inSocket.map(({ node }) => (knowsCaches ? node : 0)));
    return [...places].map((place) =>
      inSocket.filter(({ node }) => !knowsCaches || node === place).map(({ id }) => id),
    );
  });
  return {
    cpus: cpus.map((cpu): Cpu => {
      const { id, socket, node, allowed } = cpu;
      const core = cores[keys.indexOf(keyOf(cpu))];
      if (!cpu.online || core === undefined) {
        const unknown = { core: -1, socket: -1, rank: -1, kind: 'performance' } as const;
        return { id, ...unknown, numaNode: offlineNode(node), online: false, usable: false };
      }
      const rank = core.cpus.indexOf(id);
      const { kind } = core;
      return {
        id,
        core: core.id,
        socket,
        numaNode: node,
        rank,
        kind,
        online: true,
        usable: allowed,
      };
    }),
    cores,
    sockets,
    dies: sockets.map(({ cpus }, id) => ({ id, cpus })),
    caches: caches.map((cpus, id) => ({ id, cpus })),
    numaNodes: nodes.map(
      (id): NumaNode => ({
        id,
        cpus: idsIn(({ node }) => node === id),
        memoryBytes: memoryKib(id) * 1024,
        distances: new Map(nodes.map((to) => [to, distance(id, to)])),
      }),
    ),
    smt: Math.max(...cores.map((core) => core.cpus.length)),
    kinds: (['performance', 'efficiency'] as const).filter((kind) =>
      cores.some((core) => core.kind === kind),
    ),
  };
}

/** Writes files below a folder of its own, calls `use` with it and removes it. */
export function withFiles<T>(files: Files, use: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), 'arena-pirate-machine-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(name)), { recursive: true });
      writeFileSync(join(root, name), `${text}\n`);
    }
    return use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** How a machine is that is the same all over. */
export interface RegularShape {
  readonly sockets?: number;
  readonly nodesPerSocket?: number;
  readonly coresPerNode?: number;
  readonly threads?: number;
  /** Ids of cpus that the process may not use. */
  readonly forbidden?: readonly number[];
  /** Ids of the first cpus of small cores. */
  readonly small?: readonly number[];
}

/** A machine with its cpus numbered as on most servers: all cores, then their second threads. */
export function regularMachine(shape: RegularShape): MadeUpMachine {
  const { sockets = 1, nodesPerSocket = 1, coresPerNode = 1, threads = 1 } = shape;
  const perSocket = nodesPerSocket * coresPerNode;
  const cores = sockets * perSocket;
  const cpus = Array.from({ length: cores * threads }, (_, id): MadeUpCpu => {
    const at = id % cores;
    return {
      id,
      socket: Math.floor(at / perSocket),
      node: Math.floor(at / coresPerNode),
      core: at % perSocket,
      capacity: shape.small?.includes(at) ? 300 : 1024,
      online: true,
      allowed: !shape.forbidden?.includes(id),
    };
  });
  return { cpus, nodes: Array.from({ length: sockets * nodesPerSocket }, (_, i) => i) };
}
