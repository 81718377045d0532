import { planPinning, type Topology } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { regularMachine, topologyOf } from '../support/machines.js';
import { cpusOf, server } from '../support/plans.js';

describe('a likwid string', () => {
  // What likwid-pin answers on such a machine, its domains in the order of ids.
  it.each([
    ['0,2-3', [0, 2, 3]],
    ['9-7,1', [9, 8, 7, 1]],
    ['N:0-3', [0, 1, 2, 3]],
    ['N:8', [8]],
    ['S1:0-1,4', [4, 5, 12]],
    ['M3:3', [15]],
    ['L:0,8', [0, 8]],
    ['L:S1:1-0', [5, 4]],
    ['S0:0-1@S1:0-1', [0, 1, 4, 5]],
    ['15@M0:0@E:S1:2', [15, 0, 4, 12]],
    ['M1', [2, 10, 3, 11]],
    ['E:M1', [2, 10, 3, 11]],
    ['E:N:3', [0, 8, 1]],
    ['E:N:4:1:2', [0, 1, 2, 3]],
    ['E:N:4:2:4', [0, 8, 2, 10]],
    ['E:N:3:2:4', [0, 8, 2]],
    ['E:S1:2:1:2:1', [12, 13]],
    ['S:scatter:5', [0, 4, 1, 5, 2]],
    ['M:scatter:5', [0, 2, 4, 6, 1]],
    ['N:scatter:2', [0, 1]],
    ['M3:scatter', [6, 7, 14, 15]],
    ['S:balanced:4', [0, 8, 4, 12]],
    ['S:balanced:5', [0, 8, 1, 4, 12]],
    ['S:cbalanced:5', [0, 1, 2, 4, 5]],
    ['M0:cbalanced:3', [0, 1, 8]],
  ])('%s names the cpus that likwid-pin means', (strategy, cpus) => {
    // A thread more than cpus starts over, so that nothing can follow unseen.
    expect(cpusOf(strategy, cpus.length + 1)).toEqual([...cpus, cpus[0]]);
  });

  it.each([
    ['N', [0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15]],
    ['S:scatter', [0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15]],
    ['M:scatter', [0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15]],
    ['S:balanced', [0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15]],
  ])('%s names all cpus', (strategy, cpus) => {
    expect(cpusOf(strategy, 17)).toEqual([...cpus, 0]);
  });

  it('fills a domain that has fewer cpus and shares the rest among the others', () => {
    const shape = { sockets: 3, coresPerNode: 3, forbidden: [4, 5] };
    expect(cpusOf('S:balanced:6', 6, shape)).toEqual([0, 1, 2, 3, 6, 7]);
    expect(cpusOf('S:scatter', 7, shape)).toEqual([0, 3, 6, 1, 7, 2, 8]);
  });
});

describe('caches and dies in a likwid string', () => {
  // Neither sockets nor nodes: nodes 0 and 1 are those of the first socket.
  const parts = (...lists: number[][]) => lists.map((cpus, id) => ({ id, cpus }));
  const machine: Topology = {
    ...topologyOf(regularMachine(server)),
    dies: parts([0, 8], [1, 9, 2, 10, 3, 11], [4, 5, 6, 7, 12, 13, 14, 15]),
    caches: parts([0, 1, 8, 9], [2, 10], [3, 11], [4, 5, 12, 13], [6, 7, 14, 15]),
  };
  const cpusOn = (topology: Topology, strategy: string, threads: number) =>
    planPinning(strategy, { topology, threads }).placements.map(({ cpu }) => cpu);

  it.each([
    ['C0:0-3', [0, 1, 8, 9]],
    ['C3:0-1@C1:0', [4, 5, 2]],
    ['E:C4', [6, 14, 7, 15]],
    ['C:scatter:6', [0, 2, 3, 4, 6, 1]],
    ['C:balanced:5', [0, 2, 3, 4, 6]],
    ['D1:0-3', [1, 2, 3, 9]],
    ['D0', [0, 8]],
    ['D:scatter:5', [0, 1, 4, 2, 5]],
  ])('%s names the cpus of those parts', (strategy, cpus) => {
    expect(cpusOn(machine, strategy, cpus.length + 1)).toEqual([...cpus, cpus[0]]);
  });

  it.each(['C1:0-1', 'D1:0-1'])('%s is of a socket where the topology does not say', (strategy) => {
    const { dies: _dies, caches: _caches, ...silent } = machine;
    expect(cpusOn(silent, strategy, 2)).toEqual([4, 5]);
    // Nor of all cpus.
    const some = { ...machine, dies: parts([0], [1]), caches: parts([0], [1]) };
    expect(cpusOn(some, strategy, 2)).toEqual([4, 5]);
  });
});
