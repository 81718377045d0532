import type { arena as Arena } from 'arena-pirate';

/**
 * Opens scopes of all kinds until they have handed out many MiB, overwrites all of it, and collects
 * now and then: memory that was wrongly taken for free does not survive this. With a `minBytes` of
 * their own they leave nothing to V8, whatever else the process does. Refers to nothing
 * outside, because child processes get it as source text.
 */
export function scramble(arena: typeof Arena, mebibytes: number): void {
  const sizes = [100, 1000, 4000, 50_000, 400_000, 1_200_000, 3_200_000];
  let left = mebibytes * 2 ** 20;
  for (let round = 0; left > 0; round++) {
    const release = round % 3 === 0 ? 'exit' : 'collected';
    arena.sync(
      () => {
        for (const size of sizes) {
          new Uint8Array(size).fill(0xee);
          Buffer.allocUnsafe(size).fill(0xdd);
          left -= 2 * size;
        }
      },
      { release, minBytes: 65 },
    );
    if (round % 8 === 0) globalThis.gc?.({ type: 'minor' });
    if (round % 40 === 0) globalThis.gc?.();
  }
}
