import type { Release } from 'arena-pirate';
import { expect, it } from 'vitest';
import type { BytesByNode } from './support/guest.js';
import type { Machine } from './support/machines.js';
import type { Guest } from './support/on-machine.js';

const MIB = 2 ** 20;
// Each thread writes as much at a time: a few slabs, the last of which is not full when the thread
// is moved.
const FILLED = 6.75 * MIB;

/** How many bytes more, or less, arenas had on each node than the time before; at first nothing. */
function growths(seen: readonly BytesByNode[]): BytesByNode[] {
  return seen.map((now, i) => {
    const growth: BytesByNode = { ...now };
    for (const [node, bytes] of Object.entries(seen[i - 1] ?? {})) {
      growth[+node] = (growth[+node] ?? 0) - bytes;
    }
    return growth;
  });
}

function bytesOn(growth: BytesByNode, nodes: readonly number[]): number {
  return nodes.reduce((sum, node) => sum + (growth[node] ?? 0), 0);
}

function expectAllOn(node: number, growth: BytesByNode, bytes: number, message: string): void {
  const others = Object.keys(growth)
    .map(Number)
    .filter((other) => other !== node);
  expect.soft(bytesOn(growth, others), `${message}: elsewhere than on node ${node}`).toBe(0);
  expect.soft(growth[node], `${message}: on node ${node}`).toBeGreaterThanOrEqual(bytes);
}

function nodeOf(machine: Machine, cpu: number): number {
  return machine.nodes.findIndex(({ cpus }) => cpus.includes(cpu));
}

/**
 * Tests of where arenas lie when threads are pinned and moved.
 *
 * @param rounds - the cpus of the threads, one list after another; each moves every thread to
 *   another node
 */
export function pinnedMemoryTests(
  guest: Guest,
  machine: Machine,
  rounds: readonly (readonly number[])[],
): void {
  const releases: Release[] = ['collected', 'exit'];

  it('puts each thread’s arenas on its node, also after it has been moved to another', async () => {
    const seen = await guest.run(
      async (kit, rounds, releases, bytes) => {
        const crew = await kit.startCrew(kit, (rounds[0] as number[]).length - 1);
        const memory = [];
        for (const cpus of rounds) {
          kit.pinThreads(cpus);
          for (const member of crew) {
            for (const release of releases) {
              await member.run(kit.fill, release, bytes);
              memory.push(kit.arenaMemory().bytes);
            }
          }
        }
        const stats = [];
        for (const member of crew) stats.push(await member.run(({ stats }) => stats().numa));
        return { memory, stats };
      },
      rounds,
      releases,
      FILLED,
    );
    const growth = growths(seen.memory)[Symbol.iterator]();
    for (const [round, cpus] of rounds.entries()) {
      for (const [thread, cpu] of cpus.entries()) {
        for (const release of releases) {
          const message = `round ${round}, thread ${thread} on cpu ${cpu}, '${release}'`;
          expectAllOn(nodeOf(machine, cpu), growth.next().value ?? {}, FILLED, message);
        }
      }
    }
    const last = rounds.at(-1) ?? [];
    const counted: Record<number, number> = {};
    for (const [thread, { node, residentPages }] of seen.stats.entries()) {
      expect
        .soft(node, `stats().numa.node of thread ${thread}`)
        .toBe(nodeOf(machine, last[thread] ?? -1));
      for (const [id, pages] of Object.entries(residentPages?.byNode ?? {})) {
        counted[+id] = (counted[+id] ?? 0) + pages * 4096;
      }
    }
    expect.soft(counted, 'stats().numa.residentPages of all threads').toEqual(seen.memory.at(-1));
  });

  it('follows a thread within a scope, and gives back all that it has left behind', async () => {
    const seen = await guest.run(
      async (kit, rounds, releases, bytes) => {
        const [before = [], after = []] = rounds;
        kit.pinThreads(before.slice(0, 1));
        for (const release of releases) kit.fill(kit, release, bytes);
        // No collection may come between the two arrays: that ends the use of a slab, too.
        const moving = kit.arena(() => {
          const first = new Uint8Array(1000).fill(1);
          kit.setAffinity(after.slice(0, 1));
          // More than is zeroed ahead, which lies where the thread was.
          const second = new Uint8Array(100_000).fill(1);
          return { memory: kit.arenaMemory().bytes, sum: first.length + second.length };
        });
        kit.pinThreads(after.slice(0, 1));
        for (const release of releases) kit.fill(kit, release, bytes);
        kit.drop();
        kit.clearArenaPool();
        for (const release of releases) kit.fill(kit, release, bytes);
        return { moving, memory: kit.arenaMemory().bytes, stats: kit.stats().numa };
      },
      rounds,
      releases,
      FILLED,
    );
    const node = nodeOf(machine, rounds[1]?.[0] ?? -1);
    expect(seen.moving.memory[node], 'after the move').toBeGreaterThan(0);
    expectAllOn(node, seen.memory, 2 * FILLED, 'afterwards');
    expect(seen.stats.residentPages).toEqual({
      onNode: (seen.memory[node] ?? 0) / 4096,
      elsewhere: 0,
      byNode: { [node]: (seen.memory[node] ?? 0) / 4096 },
    });
  });
}

/** Tests of `configure({ numa })`. */
export function chosenNodeTests(guest: Guest, machine: Machine): void {
  const nodes = machine.nodes.flatMap(({ hidden }, id) => (hidden ? [] : id));
  const releases: Release[] = ['collected', 'exit'];

  it("spreads arenas evenly over all nodes with 'interleave'", async () => {
    const bytes = nodes.length * 12 * MIB;
    const seen = await guest.run(
      (kit, releases, bytes) => {
        kit.configure({ numa: 'interleave' });
        return releases.map((release) => {
          kit.fill(kit, release, bytes);
          return kit.arenaMemory();
        });
      },
      releases,
      bytes,
    );
    for (const { policies } of seen) {
      expect(policies).toEqual([expect.stringMatching(/^interleave/)]);
    }
    for (const [i, growth] of growths(seen.map(({ bytes }) => bytes)).entries()) {
      for (const node of nodes) {
        expect.soft(growth[node], `'${releases[i]}', node ${node}`).toBeGreaterThanOrEqual(8 * MIB);
        expect.soft(growth[node], `'${releases[i]}', node ${node}`).toBeLessThanOrEqual(16 * MIB);
      }
      expect(bytesOn(growth, nodes)).toBeGreaterThanOrEqual(bytes);
    }
  });

  it('puts arenas on the node that is asked for, and refuses one that is not there', async () => {
    const missing = Array.from({ length: 5 }, (_, id) => id).find((id) => !nodes.includes(id)) ?? 5;
    const seen = await guest.run(
      (kit, nodes, releases, bytes, missing) => {
        kit.pinThreads([0]);
        const memory = [];
        for (const numa of nodes) {
          kit.configure({ numa });
          for (const release of releases) {
            kit.fill(kit, release, bytes);
            memory.push(kit.arenaMemory().bytes);
          }
        }
        let refusal = 'none';
        try {
          kit.configure({ numa: missing });
        } catch (error) {
          refusal = (error as Error).message;
        }
        return { memory, refusal };
      },
      nodes,
      releases,
      FILLED,
      missing,
    );
    expect(seen.refusal).toMatch(
      new RegExp(`with memory \\(${nodes.join(', ')}\\) for numa but received ${missing}`),
    );
    for (const [i, growth] of growths(seen.memory).entries()) {
      const node = nodes[Math.floor(i / releases.length)] ?? -1;
      expectAllOn(node, growth, FILLED, `'${releases[i % releases.length]}'`);
    }
  });
}
