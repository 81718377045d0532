import type { Context, Job } from '../job.js';
import { fill, holds, isZero } from '../reference.js';

const LATER: ((callback: () => void) => unknown)[] = [
  (callback) => setTimeout(callback, 5),
  (callback) => setImmediate(callback),
  (callback) => process.nextTick(callback),
  (callback) => queueMicrotask(callback),
];

async function run({ random, length, check }: Context): Promise<void> {
  const seed = Math.floor(random() * 2 ** 16);
  const own = fill(new Uint8Array(length()), seed);
  await Promise.all(
    LATER.map(
      (later, i) =>
        new Promise<void>((resolve) => {
          later(() => {
            const array = new Uint8Array(length());
            check(isZero(array), 'an array of a callback is not zero');
            fill(array, i);
            setImmediate(() => {
              check(holds(array, i), 'an array of a callback has changed');
              resolve();
            });
          });
        }),
    ),
  );
  check(holds(own, seed), 'an array has changed while callbacks ran');
}

/** Arrays that callbacks of timers and the like make, and those that wait for them. */
export const timers: Job = { name: 'timers', run };
