import { numas, sockets } from 'arena-pirate';
import { pinningTests } from './pinning.js';
import { chosenNodeTests, pinnedMemoryTests } from './placement.js';
import { fourNodes } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('4 nodes of a cpu each, on 2 sockets', fourNodes, (guest) => {
  topologyTests(guest, fourNodes);

  pinningTests(guest, { threads: 4, allCpus: '0-3' }, [
    { name: 'cores', strategy: 'cores', cpus: [0, 1, 2, 3] },
    { name: 'sockets', strategy: 'sockets', cpus: [0, 2, 1, 3] },
    { name: 'numa', strategy: 'numa', cpus: [0, 1, 2, 3] },
    { name: 'numa, node 2', strategy: 'numa', options: { node: 2 }, cpus: [2, 2, 2, 2] },
    { name: 'sockets()', strategy: sockets(), cpus: [0, 2, 1, 3] },
    { name: 'numas()', strategy: numas(), cpus: [0, 1, 2, 3] },
    { name: 'M3:0@M1:0', strategy: 'M3:0@M1:0', cpus: [3, 1, 3, 1] },
    { name: 'S:scatter', strategy: 'S:scatter', cpus: [0, 2, 1, 3] },
  ]);

  pinnedMemoryTests(guest, fourNodes, [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
  ]);
  chosenNodeTests(guest, fourNodes);
});
