/** Memory, and the cpus near it, of a machine that is emulated. */
export interface MachineNode {
  /** Ids of its cpus; empty for memory alone. */
  readonly cpus: readonly number[];
  readonly mib: number;
  /** Keep the memory from the kernel, which then leaves a gap in the ids of its nodes. */
  readonly hidden?: boolean;
}

/** A machine for qemu to be. */
export interface Machine {
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
  /** The kernel numbers nodes with cpus before those without; they stand in this order here. */
  readonly nodes: readonly MachineNode[];
  /** By row and column as the kernel shows them. */
  readonly distances: readonly (readonly number[])[];
}

export const twoNodes: Machine = {
  sockets: 2,
  coresPerSocket: 2,
  threadsPerCore: 1,
  nodes: [
    { cpus: [0, 1], mib: 640 },
    { cpus: [2, 3], mib: 512 },
  ],
  distances: [
    [10, 21],
    [21, 10],
  ],
};

/** Two sockets of two nodes each, as with sub-NUMA clustering. */
export const fourNodes: Machine = {
  sockets: 2,
  coresPerSocket: 2,
  threadsPerCore: 1,
  nodes: [
    { cpus: [0], mib: 512 },
    { cpus: [1], mib: 512 },
    { cpus: [2], mib: 512 },
    { cpus: [3], mib: 512 },
  ],
  distances: [
    [10, 12, 21, 21],
    [12, 10, 21, 21],
    [21, 21, 10, 12],
    [21, 21, 12, 10],
  ],
};

/** As with memory on a CXL card. */
export const memoryOnlyNode: Machine = {
  sockets: 2,
  coresPerSocket: 2,
  threadsPerCore: 1,
  nodes: [
    { cpus: [0, 1], mib: 512 },
    { cpus: [2, 3], mib: 512 },
    { cpus: [], mib: 512 },
  ],
  distances: [
    [10, 21, 17],
    [21, 10, 28],
    [17, 28, 10],
  ],
};

/** Nodes 0, 1 and 3; node 3 has no cpus. */
export const gapInNodes: Machine = {
  sockets: 2,
  coresPerSocket: 1,
  threadsPerCore: 1,
  nodes: [
    { cpus: [0], mib: 512 },
    { cpus: [1], mib: 512 },
    { cpus: [], mib: 256, hidden: true },
    { cpus: [], mib: 256 },
  ],
  distances: [
    [10, 21, 17, 17],
    [21, 10, 28, 28],
    [17, 28, 10, 28],
    [17, 28, 28, 10],
  ],
};

/** Two nodes of two cores with two hardware threads each. */
export const hardwareThreads: Machine = {
  sockets: 2,
  coresPerSocket: 2,
  threadsPerCore: 2,
  nodes: [
    { cpus: [0, 1, 2, 3], mib: 512 },
    { cpus: [4, 5, 6, 7], mib: 512 },
  ],
  distances: [
    [10, 20],
    [20, 10],
  ],
};

/** qemu's arguments and the kernel's, to be that machine. */
export function machineArguments(machine: Machine): { qemu: string[]; kernel: string[] } {
  const { sockets, coresPerSocket, threadsPerCore, nodes, distances } = machine;
  const cpus = sockets * coresPerSocket * threadsPerCore;
  const megabytes = nodes.reduce((sum, node) => sum + node.mib, 0);
  // The emulated processor is AMD's by default, for which qemu cannot have hardware threads.
  const qemu = ['-machine', 'q35', '-cpu', 'Nehalem', '-m', `${megabytes}`];
  qemu.push('-smp', `${cpus},sockets=${sockets},cores=${coresPerSocket},threads=${threadsPerCore}`);
  const kernel: string[] = [];
  let start = 0;
  nodes.forEach((node, id) => {
    qemu.push('-object', `memory-backend-ram,id=memory${id},size=${node.mib}M`);
    const cpuList = node.cpus.map((cpu) => `,cpus=${cpu}`).join('');
    qemu.push('-numa', `node,nodeid=${id},memdev=memory${id}${cpuList}`);
    if (node.hidden) kernel.push(`memmap=${node.mib}M$${start}M`);
    start += node.mib;
  });
  distances.forEach((row, from) => {
    row.forEach((distance, to) => {
      qemu.push('-numa', `dist,src=${from},dst=${to},val=${distance}`);
    });
  });
  return { qemu, kernel };
}
