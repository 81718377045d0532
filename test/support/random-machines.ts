import fc from 'fast-check';
import type { MadeUpCpu, MadeUpMachine } from './machines.js';

interface Shape {
  readonly sockets: number;
  readonly nodesPerSocket: number;
  readonly coresPerNode: number;
  readonly threads: number;
  readonly small: number;
  readonly emptyNodes: number;
  readonly gap: number;
  readonly numbers: readonly number[];
  readonly states: readonly number[];
}

const MOST_CPUS = 3 * 2 * 3 * 4;

function build(shape: Shape): MadeUpMachine {
  const { sockets, nodesPerSocket, coresPerNode, threads, small, emptyNodes, gap } = shape;
  const coresPerSocket = nodesPerSocket * coresPerNode;
  const count = sockets * coresPerSocket * threads;
  // A permutation: the order in which firmware counts cpus differs from vendor to vendor.
  const order = Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => (shape.numbers[a] as number) - (shape.numbers[b] as number) || a - b,
  );
  const cpus = order.map((at, i): MadeUpCpu => {
    const core = Math.floor(at / threads) % coresPerSocket;
    const socket = Math.floor(at / threads / coresPerSocket);
    const state = shape.states[at] as number;
    return {
      id: i * gap + gap - 1,
      socket: socket * gap,
      node: (socket * nodesPerSocket + Math.floor(core / coresPerNode)) * gap,
      core: core * 4,
      capacity: core < small ? 300 : 1024,
      online: i === 0 || state > 1,
      allowed: i === 0 || (state > 3 && state % 4 > 0),
    };
  });
  const nodes = Array.from({ length: sockets * nodesPerSocket + emptyNodes }, (_, i) => i * gap);
  return { cpus, nodes };
}

/**
 * Machines of 1 to 72 cpus: several sockets, nodes, hardware threads, small cores, ids with gaps and
 * out of order, cpus that are offline or not allowed, nodes without cpus.
 */
export const machines: fc.Arbitrary<MadeUpMachine> = fc
  .record({
    sockets: fc.integer({ min: 1, max: 3 }),
    nodesPerSocket: fc.integer({ min: 1, max: 2 }),
    coresPerNode: fc.integer({ min: 1, max: 3 }),
    threads: fc.integer({ min: 1, max: 4 }),
    small: fc.integer({ min: 0, max: 2 }),
    emptyNodes: fc.integer({ min: 0, max: 2 }),
    gap: fc.constantFrom(1, 1, 3),
    numbers: fc.array(fc.nat(), { minLength: MOST_CPUS, maxLength: MOST_CPUS }),
    states: fc.array(fc.nat({ max: 40 }), { minLength: MOST_CPUS, maxLength: MOST_CPUS }),
  })
  .map(build);
