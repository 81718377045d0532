import { setImmediate, setTimeout } from 'node:timers/promises';
import { arena, currentArena, isArenaArray } from 'arena-pirate';
import type { Context, Job } from '../job.js';
import { fill, holds, isZero } from '../reference.js';

const COUNT = 6;

async function run({ random, length, check }: Context): Promise<void> {
  const made: { array: Uint8Array; seed: number }[] = [];
  for (let i = 0; i < COUNT; i++) {
    const array = random() < 0.5 ? new Uint8Array(length()) : Buffer.alloc(length());
    check(isZero(array), 'a new array is not zero');
    const seed = Math.floor(random() * 2 ** 16);
    fill(array, seed);
    made.push({ array, seed });
    const part = array.subarray(array.length >> 1);
    check(part.byteOffset === array.length >> 1, 'a part has another offset than in plain Node');
    check(part.buffer.byteLength === array.length, 'a buffer shows more than its array');
    check(holds(array.slice(0, array.length >> 1), seed), 'a slice is not what was sliced');
    const floats = new Float64Array(100).fill(seed);
    await (random() < 0.1 ? setTimeout(random() * 20) : setImmediate());
    arena.sync(() => new Uint8Array(length()).fill(0xee), { release: 'exit', minBytes: 65 });
    arena.sync(() => new Uint8Array(length()).fill(0xdd), { release: 'collected', minBytes: 65 });
    check(
      floats.every((x) => x === seed),
      'floats have changed',
    );
  }
  for (const { array, seed } of made) check(holds(array, seed), 'an array has changed');
  // More than is configured, where the scope leaves small arrays to V8.
  const minBytes = currentArena()?.minBytes ?? 0;
  check(
    made.every(({ array }) => array.length < minBytes || isArenaArray(array)),
    'an array is not in an arena',
  );
}

/** Arrays of all sizes across awaits, while scopes in between overwrite what is free. */
export const arrays: Job = { name: 'arrays', run };
