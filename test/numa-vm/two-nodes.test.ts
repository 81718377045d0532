import { core, numa, numas, socket, sockets } from 'arena-pirate';
import { allowedCpusTests } from './allowed-cpus.js';
import { newcomerTests } from './newcomers.js';
import { pinningTests } from './pinning.js';
import { chosenNodeTests, pinnedMemoryTests } from './placement.js';
import { twoNodes } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('2 nodes of 2 cpus', twoNodes, (guest) => {
  topologyTests(guest, twoNodes);

  pinningTests(guest, { threads: 4, allCpus: '0-3' }, [
    { name: 'cputhreads', strategy: 'cputhreads', cpus: [0, 1, 2, 3] },
    { name: 'compact', strategy: 'compact', cpus: [0, 1, 2, 3] },
    { name: 'cores', strategy: 'cores', cpus: [0, 1, 2, 3] },
    { name: 'sockets', strategy: 'sockets', cpus: [0, 2, 1, 3] },
    { name: 'numa', strategy: 'numa', cpus: [0, 2, 1, 3] },
    { name: 'numa, node 1', strategy: 'numa', options: { node: 1 }, cpus: [2, 3, 2, 3] },
    { name: 'firstn', strategy: 'firstn', cpus: [0, 1, 2, 3] },
    { name: 'affinitymask', strategy: 'affinitymask', cpus: [0, 1, 2, 3] },
    { name: '[3, 1, 2, 0]', strategy: [3, 1, 2, 0], cpus: [3, 1, 2, 0] },
    { name: '[3, 1]', strategy: [3, 1], cpus: [3, 1, 3, 1] },
    { name: '[[2], [0, 1]]', strategy: [[2], [0, 1]], cpus: [2, 0, 1, 2] },
    { name: 'socket(1)', strategy: socket(1), cpus: [2, 3, 2, 3] },
    {
      name: '[socket(1, [1]), numa(0)]',
      strategy: [socket(1, [1]), numa(0)],
      cpus: [3, 0, 1, 3],
    },
    { name: '[core(3), core(0)]', strategy: [core(3), core(0)], cpus: [3, 0, 3, 0] },
    { name: 'sockets()', strategy: sockets(), cpus: [0, 2, 1, 3] },
    { name: 'numas()', strategy: numas(), cpus: [0, 2, 1, 3] },
    { name: 'S1:0-1@S0:0-1', strategy: 'S1:0-1@S0:0-1', cpus: [2, 3, 0, 1] },
    { name: 'M:scatter', strategy: 'M:scatter', cpus: [0, 2, 1, 3] },
    { name: 'E:M1:2:1:1', strategy: 'E:M1:2:1:1', cpus: [2, 3, 2, 3] },
  ]);

  newcomerTests(guest);
  allowedCpusTests(guest);

  pinnedMemoryTests(guest, twoNodes, [
    [0, 2, 1, 3],
    [2, 0, 3, 1],
  ]);
  chosenNodeTests(guest, twoNodes);
});
