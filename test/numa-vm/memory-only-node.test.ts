import { numas } from 'arena-pirate';
import { expect, it } from 'vitest';
import { pinningTests } from './pinning.js';
import { chosenNodeTests, pinnedMemoryTests } from './placement.js';
import { memoryOnlyNode } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('2 nodes of 2 cpus and one of memory alone', memoryOnlyNode, (guest) => {
  topologyTests(guest, memoryOnlyNode);

  pinningTests(guest, { threads: 3, allCpus: '0-3' }, [
    { name: 'cores', strategy: 'cores', cpus: [0, 1, 2] },
    { name: 'numa', strategy: 'numa', cpus: [0, 2, 1] },
    { name: 'numas()', strategy: numas(), cpus: [0, 2, 1] },
    { name: 'M:scatter', strategy: 'M:scatter', cpus: [0, 2, 1] },
  ]);

  it('refuses to pin to the node without cpus, naming those that have some', async () => {
    const messages = await guest.run((kit) =>
      [() => kit.pinThreads(kit.numa(2)), () => kit.pinThreads('numa', { node: 2 })].map((pin) => {
        try {
          pin();
          return 'pinned';
        } catch (error) {
          return (error as Error).message;
        }
      }),
    );
    expect(messages).toEqual([
      expect.stringMatching(/usable cpus \(0-1\) .*but received 2/),
      expect.stringMatching(/cpus for this process \(0, 1\) .*but received 2/),
    ]);
  });

  pinnedMemoryTests(guest, memoryOnlyNode, [
    [0, 2],
    [3, 1],
  ]);
  chosenNodeTests(guest, memoryOnlyNode);
});
