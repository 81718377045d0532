import { core, numa, socket } from 'arena-pirate';
import { pinningTests } from './pinning.js';
import { hardwareThreads } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('2 nodes of 2 cores with 2 hardware threads', hardwareThreads, (guest) => {
  topologyTests(guest, hardwareThreads);

  pinningTests(guest, { threads: 5, allCpus: '0-7' }, [
    { name: 'cputhreads', strategy: 'cputhreads', cpus: [0, 1, 2, 3, 4] },
    { name: 'cores', strategy: 'cores', cpus: [0, 2, 4, 6, 1] },
    { name: 'sockets', strategy: 'sockets', cpus: [0, 4, 2, 6, 1] },
    { name: 'numa', strategy: 'numa', cpus: [0, 4, 2, 6, 1] },
    { name: 'numa, compact', strategy: 'numa', options: { compact: true }, cpus: [0, 4, 1, 5, 2] },
    { name: 'numa, node 1', strategy: 'numa', options: { node: 1 }, cpus: [4, 6, 5, 7, 4] },
    { name: 'socket(1)', strategy: socket(1), cpus: [4, 6, 5, 7, 4] },
    { name: 'numa(0, [0, 2, 1])', strategy: numa(0, [0, 2, 1]), cpus: [0, 1, 2, 0, 1] },
    { name: '[core(3), core(0)]', strategy: [core(3), core(0)], cpus: [6, 7, 0, 1, 6] },
    { name: 'S1:0-3', strategy: 'S1:0-3', cpus: [4, 6, 5, 7, 4] },
    { name: 'M:scatter', strategy: 'M:scatter', cpus: [0, 4, 2, 6, 1] },
    { name: 'E:N:4:1:2', strategy: 'E:N:4:1:2', cpus: [0, 2, 4, 6, 0] },
  ]);
});
