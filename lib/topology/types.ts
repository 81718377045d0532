/** What a core is made for. Machines with one kind of core have performance cores only. */
export type CoreKind = 'performance' | 'efficiency';

/** A cpu as the operating system counts them: one hardware thread of a core. */
export interface Cpu {
  /** The OS's number: what `taskset` and `/proc/cpuinfo` mean by it. */
  readonly id: number;
  /** Its core: the `id` of an entry of {@link Topology.cores}. */
  readonly core: number;
  /** Its socket: the `id` of an entry of {@link Topology.sockets}. */
  readonly socket: number;
  /** Its NUMA node: the `id` of an entry of {@link Topology.numaNodes}. */
  readonly numaNode: number;
  /** Its rank among the hardware threads of its core, from 0 in the order of ids. */
  readonly rank: number;
  readonly kind: CoreKind;
  readonly online: boolean;
  /** Whether it is online and this process may run on it: its cgroup and the affinity it started with. */
  readonly usable: boolean;
}

/** A physical core. */
export interface Core {
  /** Numbered from 0 over the whole machine, in the order of their first cpus: the OS's own repeat on each socket. */
  readonly id: number;
  readonly socket: number;
  readonly numaNode: number;
  readonly kind: CoreKind;
  /** Ids of its cpus, ascending. */
  readonly cpus: readonly number[];
}

/** A processor package. */
export interface Socket {
  /** The OS's number, where it has one (`physical_package_id`). */
  readonly id: number;
  /** Ids of its cpus, ascending. */
  readonly cpus: readonly number[];
}

/** Memory and the cpus that are near it. */
export interface NumaNode {
  /** The OS's number; they may have gaps. */
  readonly id: number;
  /** Ids of its cpus, ascending; empty for memory without cpus. */
  readonly cpus: readonly number[];
  readonly memoryBytes: number;
  /** Relative cost of its reaching each node (10 is its own memory), by that node's id; empty where the OS does not say. */
  readonly distances: ReadonlyMap<number, number>;
}

/** Where the cpus and the memory of a machine are. */
export interface Topology {
  /** All cpus that are present, offline ones too, by ascending id. */
  readonly cpus: readonly Cpu[];
  readonly cores: readonly Core[];
  readonly sockets: readonly Socket[];
  /** At least one: a machine without NUMA information is one node. */
  readonly numaNodes: readonly NumaNode[];
  /** The most hardware threads that a core has; 1 without simultaneous multithreading. */
  readonly smt: number;
  /** The kinds of core there are, performance first. */
  readonly kinds: readonly CoreKind[];
}
