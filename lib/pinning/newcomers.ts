import { subscribe } from 'node:diagnostics_channel';
import { native } from '../native.js';

/**
 * Keeps what this thread creates from inheriting the cpus that it is pinned to. A worker leaves them as
 * soon as it may be known; until it loads arena-pirate itself, it is a helper among others, which C++
 * would find a moment later. A child process never gets them, but for those of `spawnSync` and the
 * like, which nothing announces; nor does the program that `process.execve` puts in the place of this one.
 */
export function watchNewcomers(): void {
  process.on('worker', () => native.sweepHelpers());
  // Published before the process is created, or replaced, in the same turn. Where that fails the next one comes.
  for (const channel of ['child_process', 'process.execve']) {
    subscribe(channel, () => {
      if (native.beginSpawn()) process.nextTick(() => native.endSpawn());
    });
  }
}
