import { memoryOnlyNode } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('2 nodes of 2 cpus and one of memory alone', memoryOnlyNode, (guest) => {
  topologyTests(guest, memoryOnlyNode);
});
