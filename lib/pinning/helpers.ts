import type { Topology } from '../topology/types.js';

/** Where a thread is that runs no JavaScript of a thread that has loaded arena-pirate. */
export interface HelperPlacement {
  /** The system's id of the thread. */
  readonly tid: number;
  /** What the thread calls itself; Node names its threads from version 24 on. */
  readonly name: string;
  /** Ids of the cpus that it may run on. */
  readonly cpus: readonly number[];
}

/**
 * The cpus for V8's and libuv's threads when JavaScript runs on those `taken`: what is left on the same
 * NUMA nodes, else elsewhere, else what is there, never a single one if there are more.
 *
 * @returns ids of cpus, ascending
 */
export function helperCpus(topology: Topology, taken: readonly number[]): number[] {
  const usable = topology.cpus.filter((cpu) => cpu.usable);
  const isTaken = (cpu: { id: number }) => taken.includes(cpu.id);
  const nodes = new Set(usable.filter(isTaken).map((cpu) => cpu.numaNode));
  const near = usable.filter((cpu) => nodes.has(cpu.numaNode));
  const isLeft = (cpu: { id: number }) => !isTaken(cpu);
  const choices = [near.filter(isLeft), usable.filter(isLeft), near, usable];
  return (choices.find((cpus) => cpus.length > 1) ?? usable).map((cpu) => cpu.id);
}
