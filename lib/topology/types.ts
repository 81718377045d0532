/** What a core is made for. Machines with one kind of core have performance cores only. */
export type CoreKind = 'performance' | 'efficiency';

/** The core, socket, rank or node of an offline cpu: Linux forgets all of them but the node. */
export const UNKNOWN = -1;

/** A cpu as the operating system counts them: one hardware thread of a core. */
export interface Cpu {
  /** The OS's number: what `taskset` and `/proc/cpuinfo` mean by it. */
  readonly id: number;
  /** Its core: the `id` of an entry of {@link Topology.cores}; -1 while it is offline. */
  readonly core: number;
  /** Its socket: the `id` of an entry of {@link Topology.sockets}; -1 while it is offline. */
  readonly socket: number;
  /** Its NUMA node: the `id` of an entry of {@link Topology.numaNodes}; offline, it may be -1. */
  readonly numaNode: number;
  /** Its rank among the hardware threads of its core, from 0 in the order of ids; -1 while it is offline. */
  readonly rank: number;
  /** That of its core; `'performance'` while it is offline. */
  readonly kind: CoreKind;
  readonly online: boolean;
  /** Whether it is online and this process may run on it: its cgroup and the affinity it started with. */
  readonly usable: boolean;
}

/** A physical core with at least one cpu online. */
export interface Core {
  /** Numbered from 0 over the whole machine, in the order of their first cpus: the OS's own repeat on each socket. */
  readonly id: number;
  readonly socket: number;
  readonly numaNode: number;
  readonly kind: CoreKind;
  /** Ids of its online cpus, ascending. */
  readonly cpus: readonly number[];
}

/** A processor package with at least one cpu online. */
export interface Socket {
  /**
   * The OS's number (`physical_package_id`). Where that is missing, or the same for several (Itanium,
   * some POWER and s390), all are numbered from 0 in the order of their first cpus.
   */
  readonly id: number;
  /** Ids of its online cpus, ascending. */
  readonly cpus: readonly number[];
}

/** A die of a package (a chip of several in one housing) with at least one cpu online. */
export interface Die {
  /** Numbered from 0 over the whole machine, by socket and then by first cpu: the OS's own repeat on each socket. */
  readonly id: number;
  /** Ids of its online cpus, ascending. */
  readonly cpus: readonly number[];
}

/** The cpus that share a last-level cache: the one of the highest level that a cpu's data goes through. */
export interface LastLevelCache {
  /** Numbered from 0 over the whole machine, by socket and then by first cpu. */
  readonly id: number;
  /** Ids of its online cpus, ascending. */
  readonly cpus: readonly number[];
}

/**
 * Memory and the cpus that are near it. Every online cpu belongs to one node: where nodes claim the
 * same cpus, to the first of them, and a node to which that leaves none is left out. So is the memory
 * of GPUs.
 */
export interface NumaNode {
  /** The OS's number; they may have gaps. */
  readonly id: number;
  /** Ids of its online cpus, ascending; empty for memory without cpus. */
  readonly cpus: readonly number[];
  /** All of its memory; 0 where the OS does not say. */
  readonly memoryBytes: number;
  /** Relative cost of its reaching each node (10 is its own memory), by that node's id; empty where the OS does not say. */
  readonly distances: ReadonlyMap<number, number>;
}

/** Where the cpus and the memory of a machine are. */
export interface Topology {
  /** All cpus that are present, offline ones too, by ascending id. */
  readonly cpus: readonly Cpu[];
  readonly cores: readonly Core[];
  /** By ascending id. */
  readonly sockets: readonly Socket[];
  /**
   * By ascending id; packages of which the OS tells no dies are one die. A topology made up by hand may
   * leave them out, which stands for the same.
   */
  readonly dies?: readonly Die[];
  /**
   * By ascending id: of each cpu its L3, where it has none its L2, and so on; where the OS tells no
   * caches, the cpus of a socket. A topology made up by hand may leave them out, which stands for that.
   */
  readonly caches?: readonly LastLevelCache[];
  /** By ascending id. At least one: a machine without NUMA information is one node, number 0. */
  readonly numaNodes: readonly NumaNode[];
  /** The most hardware threads that a core has; 1 without simultaneous multithreading. */
  readonly smt: number;
  /** The kinds of core there are, performance first. */
  readonly kinds: readonly CoreKind[];
}
