// Plain Node: a process that arena-pirate is never loaded in. Answers programs, one after another.
import { plainWorld, runAsync, runSync } from './environment.js';

process.on('message', async (programs: readonly { source: string; async: boolean }[]) => {
  const answers: string[] = [];
  for (const { source, async } of programs) {
    answers.push(await (async ? runAsync : runSync)(source, plainWorld));
  }
  process.send?.(answers);
});
