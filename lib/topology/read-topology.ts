import { invalidOption } from '../errors.js';
import { checkValues, requireObject } from '../options.js';
import { allowedCpus } from './allowed.js';
import { readCaches } from './caches.js';
import { type CpuFacts, readCpus } from './cpus.js';
import { MachineFiles } from './files.js';
import { groupCores, groupDies, groupPackages } from './groups.js';
import { efficiencyCpus } from './kinds.js';
import { readNodes } from './nodes.js';
import { notedStartMask } from './start-mask.js';
import { type Core, type CoreKind, type Cpu, type Topology, UNKNOWN } from './types.js';

/** Options of {@link readTopology}. */
export interface ReadTopologyOptions {
  /**
   * The folder that has the machine's `sys/` and `proc/`: of the running one, or of a recorded one.
   * @defaultValue `'/'`
   */
  root?: string;
}

const RULES = {
  root: {
    expected: 'the path of a folder',
    accepts: (value: unknown) => typeof value === 'string' && value !== '',
  },
};

const idsOf = (cpus: readonly CpuFacts[]) => cpus.map((cpu) => cpu.id);

/**
 * Reads a topology, told which cpus the process was started with.
 *
 * @internal
 * @param startMask ids of cpus; `proc/self/status` is asked when it is missing
 */
export function topologyFrom(root: string, startMask?: readonly number[]): Topology {
  const files = new MachineFiles(root);
  const running = root === '/';
  const facts = readCpus(files, running);
  const online = facts.filter((cpu) => cpu.online);
  if (online.length === 0) {
    const where = 'sys/devices/system/cpu or proc/cpuinfo';
    throw invalidOption('root', `a folder that has the cpus of a machine in ${where}`, root);
  }
  const coreGroups = groupCores(online);
  const packages = groupPackages(online);
  const neighbours = [...coreGroups, ...packages.map((group) => group.cpus)];
  const { nodes, nodeOf } = readNodes(files, facts, neighbours, running);
  const efficient = efficiencyCpus(files, idsOf(online));
  const allowed = allowedCpus(files, idsOf(online), startMask);

  const sockets = packages.map(({ id, cpus }) => ({ id, cpus: idsOf(cpus) }));
  const socketOf = new Map(sockets.flatMap(({ id, cpus }) => cpus.map((cpu) => [cpu, id])));
  const cores: Core[] = coreGroups.map((group, id) => {
    const cpus = idsOf(group);
    const first = cpus[0] as number;
    const kind: CoreKind = cpus.every((cpu) => efficient.has(cpu)) ? 'efficiency' : 'performance';
    return {
      id,
      socket: socketOf.get(first) as number,
      numaNode: nodeOf.get(first) as number,
      kind,
      cpus,
    };
  });
  const coreOf = new Map(cores.flatMap((core) => core.cpus.map((cpu) => [cpu, core])));

  const cpus = facts.map(({ id, online }): Cpu => {
    const core = coreOf.get(id);
    return {
      id,
      core: core?.id ?? UNKNOWN,
      socket: socketOf.get(id) ?? UNKNOWN,
      numaNode: nodeOf.get(id) ?? UNKNOWN,
      rank: core?.cpus.indexOf(id) ?? UNKNOWN,
      kind: core?.kind ?? 'performance',
      online,
      usable: allowed.has(id),
    };
  });
  const kinds: CoreKind[] = ['performance', 'efficiency'];
  return {
    cpus,
    cores,
    sockets,
    dies: groupDies(packages),
    caches: readCaches(files, sockets),
    numaNodes: nodes,
    smt: Math.max(...cores.map((core) => core.cpus.length)),
    kinds: kinds.filter((kind) => cores.some((core) => core.kind === kind)),
  };
}

/**
 * Reads where the cpus and the memory of a machine are, from Linux's sysfs under a folder. Files that
 * are missing or make no sense are done without: a machine without NUMA information is one node, and
 * on systems that are not Linux each cpu is a core of one socket.
 *
 * @throws {ArenaError} ERR_ARENA_INVALID_OPTION when there is no machine under `root`
 */
export function readTopology(options: ReadTopologyOptions = {}): Topology {
  requireObject(options);
  checkValues(options, ['root'], RULES);
  const { root = '/' } = options;
  return topologyFrom(root, root === '/' ? notedStartMask() : undefined);
}
