import { gapInNodes } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('nodes 0, 1 and 3', gapInNodes, (guest) => {
  topologyTests(guest, gapInNodes);
});
