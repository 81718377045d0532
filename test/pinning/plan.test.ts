import { planPinning } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { regularMachine, topologyOf } from '../support/machines.js';
import { cpusOf, server } from '../support/plans.js';

const hybrid = { coresPerNode: 4, threads: 2, small: [0, 1] };

describe.each(['cputhreads', 'compact'] as const)("'%s'", (strategy) => {
  it('fills core after core, socket after socket', () => {
    expect(cpusOf(strategy, 10)).toEqual([0, 8, 1, 9, 2, 10, 3, 11, 4, 12]);
  });
});

describe.each(['cores', 'affinitymask'] as const)("'%s'", (strategy) => {
  it('uses every core before a second hardware thread', () => {
    expect(cpusOf(strategy, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('takes the second thread of a core for a whole core where the first is forbidden', () => {
    expect(cpusOf(strategy, 4, { coresPerNode: 3, threads: 2, forbidden: [1, 3] })).toEqual([
      0, 4, 2, 5,
    ]);
  });
});

describe("'sockets'", () => {
  it('goes round the sockets, whole cores first', () => {
    expect(cpusOf('sockets', 10)).toEqual([0, 4, 1, 5, 2, 6, 3, 7, 8, 12]);
  });

  it('keeps the threads of a core together inside each when compact', () => {
    const cpus = cpusOf('sockets', 6, server, { compact: true });
    expect(cpus).toEqual([0, 4, 8, 12, 1, 5]);
  });

  it('uses whole cores of one socket before second threads of another', () => {
    const cpus = cpusOf('sockets', 6, { ...server, forbidden: [4, 5, 6, 12, 13, 14, 2, 10] });
    expect(cpus).toEqual([0, 7, 1, 3, 15, 8]);
  });
});

describe("'numa'", () => {
  it('goes round the nodes, whole cores first', () => {
    expect(cpusOf('numa', 10)).toEqual([0, 2, 4, 6, 1, 3, 5, 7, 8, 10]);
  });

  it('keeps the threads of a core together inside each when compact', () => {
    expect(cpusOf('numa', 6, server, { compact: true })).toEqual([0, 2, 4, 6, 8, 10]);
  });

  it('passes over nodes without cpus that may be used', () => {
    const machine = regularMachine({ ...server, forbidden: [2, 3, 10, 11] });
    const topology = topologyOf({ ...machine, nodes: [...machine.nodes, 9] });
    const { placements } = planPinning('numa', { topology, threads: 4 });
    expect(placements.map(({ numaNode }) => numaNode)).toEqual([0, 2, 3, 0]);
  });
});

describe("'firstn'", () => {
  it('goes by the numbers of the OS, small cores or not', () => {
    expect(cpusOf('firstn', 4, { ...hybrid, forbidden: [1] })).toEqual([0, 2, 3, 4]);
  });
});

describe("'random'", () => {
  const random = (seed?: number) => cpusOf('random', 16, server, { seed });

  it('is a permutation that the seed alone decides', () => {
    expect(random(7)).toEqual(random(7));
    expect(random(7)).not.toEqual(random(8));
    expect(random(7).sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  });

  it('differs from call to call without a seed', () => {
    const plans = new Set(Array.from({ length: 5 }, () => random().join()));
    expect(plans.size).toBeGreaterThan(1);
  });

  it('gives every cpu to the first thread now and then', () => {
    const firsts = new Set(Array.from({ length: 400 }, (_, seed) => random(seed)[0]));
    expect(firsts.size).toBe(16);
  });
});

describe("'current'", () => {
  it('keeps each thread where it runs, together with others too', () => {
    const topology = topologyOf(regularMachine(server));
    const plan = planPinning('current', { topology, threads: 3, current: [9, 4, 9] });
    expect(plan.placements.map(({ cpu, shared }) => [cpu, shared])).toEqual([
      [9, false],
      [4, false],
      [9, true],
    ]);
    expect(plan.wrapped).toBe(true);
  });
});

describe('efficiency cores', () => {
  it.each(['cores', 'sockets', 'numa', 'affinitymask'] as const)("come last with '%s'", (name) => {
    expect(cpusOf(name, 8, hybrid)).toEqual([2, 3, 6, 7, 0, 1, 4, 5]);
  });

  it("come last with 'cputhreads'", () => {
    expect(cpusOf('cputhreads', 8, hybrid)).toEqual([2, 6, 3, 7, 0, 4, 1, 5]);
  });

  it("come last with 'random'", () => {
    for (let seed = 0; seed < 20; seed++) {
      const cpus = cpusOf('random', 4, hybrid, { seed });
      expect(cpus.sort()).toEqual([2, 3, 6, 7]);
    }
  });

  it('come last with places and likwid strings', () => {
    expect(cpusOf({ kind: 'socket', id: 0 }, 8, hybrid)).toEqual([2, 3, 6, 7, 0, 1, 4, 5]);
    expect(cpusOf('E:N:4:1:2', 4, hybrid)).toEqual([2, 3, 0, 1]);
  });

  it.each([
    ['cores', [0, 1, 2, 3, 4]],
    ['numa', [0, 1, 2, 3, 4]],
    ['compact', [0, 4, 1, 5, 2]],
  ] as const)("are used like others with '%s' when asked for", (strategy, cpus) => {
    expect(cpusOf(strategy, 5, hybrid, { efficiency: true })).toEqual(cpus);
  });

  it('are used when there are no others', () => {
    expect(cpusOf('cores', 2, { ...hybrid, forbidden: [2, 3, 6, 7] })).toEqual([0, 1]);
  });
});

describe('a plan', () => {
  it('says where each thread is', () => {
    const topology = topologyOf(regularMachine(server));
    expect(planPinning([13, 2], { topology, threads: 2 })).toEqual({
      placements: [
        { thread: 0, cpu: 13, core: 5, socket: 1, numaNode: 2, shared: false },
        { thread: 1, cpu: 2, core: 2, socket: 0, numaNode: 1, shared: false },
      ],
      wrapped: false,
    });
  });

  it('starts over when there are more threads than cpus, and says so', () => {
    const topology = topologyOf(regularMachine({ coresPerNode: 2 }));
    const { placements, wrapped } = planPinning('cores', { topology, threads: 5 });
    expect(placements.map(({ cpu, shared }) => [cpu, shared])).toEqual([
      [0, false],
      [1, false],
      [0, true],
      [1, true],
      [0, true],
    ]);
    expect(wrapped).toBe(true);
  });

  it('leaves the topology as it was', () => {
    const topology = topologyOf(regularMachine(server));
    planPinning('random', { topology, threads: 3, seed: 1 });
    expect(topology).toEqual(topologyOf(regularMachine(server)));
  });
});
