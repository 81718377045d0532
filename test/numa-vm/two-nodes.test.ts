import { expect, it } from 'vitest';
import { twoNodes } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('2 nodes of 2 cpus', twoNodes, (guest) => {
  topologyTests(guest, twoNodes);

  it('puts the arenas of each thread on the node that it runs on', async () => {
    const seen = await guest.run(async (kit) => {
      const { arenaMemory, moveThread } = kit;
      const crew = await kit.startCrew(kit, 3);
      const grown = [];
      for (const [i, member] of crew.entries()) {
        moveThread(member.tid, [i]);
        const before = arenaMemory().bytes;
        await member.run(({ arena }) => {
          const kept = arena(() => [1, 2, 3].map((i) => new Float64Array(1e6).fill(i)));
          Object.assign(globalThis, { kept });
        });
        const after = arenaMemory().bytes;
        grown.push([0, 1].map((node) => (after[node] ?? 0) - (before[node] ?? 0)));
      }
      return grown;
    });
    for (const [i, [node0 = 0, node1 = 0]] of seen.entries()) {
      expect.soft(i < 2 ? node0 : node1, `thread ${i}`).toBeGreaterThan(24e6);
      expect.soft(i < 2 ? node1 : node0, `thread ${i}`).toBe(0);
    }
  });
});
