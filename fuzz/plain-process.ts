// Plain Node: a process that arena-pirate is never loaded in. Answers programs, one after another.
import { plainWorld, runAsync, runSync } from './environment.js';

process.on('message', async ({ source, async }: { source: string; async: boolean }) => {
  process.send?.(await (async ? runAsync : runSync)(source, plainWorld));
});
