import { subscribe } from 'node:diagnostics_channel';
import { native } from '../native.js';

/**
 * Keeps what this thread creates from inheriting the cpus that it is pinned to. A worker leaves them as
 * soon as it may be known; until it loads arena-pirate itself, it is a helper among others, which C++
 * would find a moment later. A child process never gets them, but for those of `spawnSync` and the
 * like, which nothing announces.
 */
export function watchNewcomers(): void {
  process.on('worker', () => native.sweepHelpers());
  // Published before the process is created, in the same turn.
  subscribe('child_process', () => {
    if (native.beginSpawn()) process.nextTick(() => native.endSpawn());
  });
}
