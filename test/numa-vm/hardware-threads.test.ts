import { hardwareThreads } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('2 nodes of 2 cores with 2 hardware threads', hardwareThreads, (guest) => {
  topologyTests(guest, hardwareThreads);
});
