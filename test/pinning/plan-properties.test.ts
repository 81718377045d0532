import { type PinStrategy, planPinning, type Topology } from 'arena-pirate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topologyOf } from '../support/machines.js';
import { machines } from '../support/random-machines.js';

const topologies = machines.map((machine) => topologyOf(machine));
const names = [
  'cputhreads',
  'cores',
  'sockets',
  'numa',
  'random',
  'firstn',
  'affinitymask',
] as const;
const strings = ['N', 'N:scatter', 'S:scatter', 'M:scatter', 'S:balanced', 'M:cbalanced'] as const;
const strategies = fc.constantFrom<PinStrategy>(
  ...names,
  ...strings,
  { kind: 'sockets' },
  { kind: 'numas' },
);
const threads = fc.integer({ min: 1, max: 80 });
const options = fc.record({
  compact: fc.boolean(),
  efficiency: fc.boolean(),
  seed: fc.nat(),
});

const usableOf = (topology: Topology) => topology.cpus.filter((cpu) => cpu.usable);

describe('on any machine', () => {
  it('every thread has a cpu that is usable, with its true place', () => {
    const property = fc.property(
      topologies,
      strategies,
      threads,
      options,
      (topology, s, n, rest) => {
        const { placements } = planPinning(s, { topology, threads: n, ...rest });
        expect(placements.map(({ thread }) => thread)).toEqual(
          Array.from({ length: n }, (_, i) => i),
        );
        for (const { cpu: id, core, socket, numaNode } of placements) {
          const cpu = topology.cpus.find((cpu) => cpu.id === id);
          expect(cpu).toMatchObject({ usable: true, core, socket, numaNode });
        }
      },
    );
    fc.assert(property);
  });

  it('no cpu is used twice before all have been used once, and the plan says when', () => {
    const property = fc.property(
      topologies,
      strategies,
      threads,
      options,
      (topology, s, n, rest) => {
        const { placements, wrapped } = planPinning(s, { topology, threads: n, ...rest });
        const all = usableOf(topology).length;
        expect(new Set(placements.map(({ cpu }) => cpu)).size).toBe(Math.min(n, all));
        expect(placements.filter(({ shared }) => shared)).toHaveLength(Math.max(0, n - all));
        expect(wrapped).toBe(n > all);
      },
    );
    fc.assert(property);
  });

  it('more threads leave those that were there where they were', () => {
    const property = fc.property(
      topologies,
      strategies,
      threads,
      options,
      (topology, s, n, rest) => {
        const fewer = planPinning(s, { topology, threads: n, ...rest }).placements;
        const more = planPinning(s, { topology, threads: n + 1, ...rest }).placements;
        expect(more.slice(0, n)).toEqual(fewer);
      },
    );
    fc.assert(property);
  });

  it.each(['cores', 'sockets', 'numa', 'affinitymask'] as const)(
    "'%s' uses no second hardware thread while a core is free",
    (strategy) => {
      const property = fc.property(topologies, threads, (topology, n) => {
        const plan = planPinning(strategy, { topology, threads: n, efficiency: true });
        const cores = new Set(usableOf(topology).map(({ core }) => core));
        const used = new Set(plan.placements.map(({ core }) => core));
        expect(used.size).toBe(Math.min(n, cores.size));
      });
      fc.assert(property);
    },
  );

  describe.each([
    ['sockets', 'socket'],
    ['numa', 'numaNode'],
  ] as const)("'%s'", (strategy, key) => {
    /** Fails when a domain that could take another thread has two fewer than a fuller one. */
    function expectBalance(topology: Topology, compact: boolean, threads: number): void {
      // Up to here nothing counts but the domains.
      const limit = usableOf(topology).filter(
        (cpu, i, all) => compact || all.findIndex(({ core }) => core === cpu.core) === i,
      );
      const n = Math.min(threads, limit.length);
      const options = { topology, threads: n, compact, efficiency: true };
      const { placements } = planPinning(strategy, options);
      const ids = [...new Set(limit.map((cpu) => cpu[key]))];
      const got = ids.map((id) => placements.filter((place) => place[key] === id).length);
      const room = ids.map((id) => limit.filter((cpu) => cpu[key] === id).length);
      const open = got.filter((count, i) => count < (room[i] as number));
      if (open.length > 0) expect(Math.max(...got) - Math.min(...open)).toBeLessThan(2);
    }

    it('is balanced within one thread while there are whole cores', () => {
      const property = fc.property(topologies, threads, (topology, n) => {
        expectBalance(topology, false, n);
      });
      fc.assert(property);
    });

    it('is balanced within one thread to the end when compact', () => {
      const property = fc.property(topologies, threads, (topology, n) => {
        expectBalance(topology, true, n);
      });
      fc.assert(property);
    });
  });

  it.each(['cputhreads', 'cores', 'sockets', 'numa', 'random', 'affinitymask'] as const)(
    "'%s' uses no efficiency core while another cpu is free, unless asked to",
    (strategy) => {
      const property = fc.property(topologies, threads, (topology, n) => {
        const { placements } = planPinning(strategy, { topology, threads: n });
        const fast = usableOf(topology).filter(({ kind }) => kind === 'performance');
        const used = new Set(placements.map(({ cpu }) => cpu));
        const usedFast = fast.filter(({ id }) => used.has(id));
        expect(usedFast).toHaveLength(Math.min(n, fast.length));
      });
      fc.assert(property);
    },
  );

  it('any list of usable cpus is taken as it is', () => {
    const property = fc.property(
      topologies.chain((topology) => {
        const ids = usableOf(topology).map(({ id }) => id);
        return fc.tuple(fc.constant(topology), fc.shuffledSubarray(ids, { minLength: 1 }));
      }),
      ([topology, ids]) => {
        const { placements } = planPinning(ids, { topology, threads: ids.length });
        expect(placements.map(({ cpu }) => cpu)).toEqual(ids);
      },
    );
    fc.assert(property);
  });
});
