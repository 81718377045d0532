import { expect, it } from 'vitest';
import { chosenNodeTests, pinnedMemoryTests } from './placement.js';
import { gapInNodes } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('nodes 0, 1 and 3', gapInNodes, (guest) => {
  topologyTests(guest, gapInNodes);
  pinnedMemoryTests(guest, gapInNodes, [[0], [1]]);
  chosenNodeTests(guest, gapInNodes);

  it('goes on elsewhere when the node that is asked for is full, and says how much', async () => {
    const { bytes, stats } = await guest.run(({ arena, arenaMemory, configure, stats }) => {
      configure({ numa: 3 });
      const kept = arena(() => Array.from({ length: 10 }, () => new Uint8Array(32 << 20).fill(1)));
      const { residentPages, sampling } = stats().numa;
      return { bytes: arenaMemory().bytes, stats: { residentPages, sampling }, kept: kept.length };
    });
    const { 3: there = 0, ...others } = bytes;
    const elsewhere = Object.values(others).reduce((sum, bytes) => sum + bytes, 0);
    expect(there).toBeGreaterThan(128 << 20);
    expect(elsewhere).toBeGreaterThan(32 << 20);
    // The node has 256 MiB.
    expect(there + elsewhere).toBeGreaterThanOrEqual(320 << 20);
    expect(stats.sampling).toBeGreaterThan(1);
    const sampled = (stats.residentPages?.byNode[3] ?? 0) * 4096;
    expect(Math.abs(sampled - there) / there).toBeLessThan(0.02);
  });
});
