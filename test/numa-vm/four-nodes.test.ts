import { fourNodes } from './support/machines.js';
import { onMachine } from './support/on-machine.js';
import { topologyTests } from './topology.js';

onMachine('4 nodes of a cpu each, on 2 sockets', fourNodes, (guest) => {
  topologyTests(guest, fourNodes);
});
