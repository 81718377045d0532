import { type PinStrategy, type PlanOptions, planPinning } from 'arena-pirate';
import { type RegularShape, regularMachine, topologyOf } from './machines.js';

/** Two sockets, two nodes in each, two cores of two threads: 0-7 are cores, 8-15 their second threads. */
export const server: RegularShape = { sockets: 2, nodesPerSocket: 2, coresPerNode: 2, threads: 2 };

/** The cpus that a strategy gives to threads on a machine, in their order. */
export function cpusOf(
  strategy: PinStrategy,
  threads: number,
  shape: RegularShape = server,
  options: Partial<PlanOptions> = {},
): number[] {
  const topology = topologyOf(regularMachine(shape));
  const plan = planPinning(strategy, { topology, threads, ...options });
  return plan.placements.map(({ cpu }) => cpu);
}
