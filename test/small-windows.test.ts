// Where V8 collects often, by how much is allocated in scopes in between, the ArrayBuffers that they allocate from are small.
import { describe, expect, it } from 'vitest';
import { inChild, type Kit } from './support/child.js';

const MIB = 2 ** 20;
const GC = { flags: ['--expose-gc'] };

describe("in 'collected' scopes where V8 collects often", () => {
  it('a little that is kept each time charges V8 and takes memory with not much more', async () => {
    const program = ({ arena, stats }: Kit, rounds: number) => {
      const kept: Uint8Array[] = [];
      const round = () => {
        kept.push(arena.sync(() => new Uint8Array(5000).fill(1)));
        for (let i = 0; i < 40; i++) arena.sync(() => new Uint8Array(5000).fill(2));
        (globalThis.gc as (options: object) => void)({ type: 'minor' });
      };
      for (let i = 0; i < rounds; i++) round();
      const { arrayBuffers } = process.memoryUsage();
      const { handedOut } = stats().thread.bytes;
      const sum = kept.reduce((ones, array) => ones + (array.at(-1) ?? 0), 0);
      return { arrayBuffers, handedOut, sum };
    };
    const { arrayBuffers, handedOut, sum } = await inChild(program, GC, 200);
    expect(sum).toBe(200);
    // With windows of 2 MiB it would be 400 MiB of both.
    expect(arrayBuffers).toBeLessThan(100 * MIB);
    expect(handedOut).toBeLessThan(100 * MIB);
  });

  // Every byte is looked at, which takes a slow machine that is busy longer than tests get by default.
  it('arrays of all sizes read as zero and keep what is written', { timeout: 60_000 }, async () => {
    const program = ({ arena, fillPattern, holdsPattern, isArenaArray }: Kit, seed: number) => {
      let state = seed;
      const random = (most: number) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state % most;
      };
      let wrong = 0;
      let captured = 0;
      const kept: { array: Uint8Array; seed: number }[] = [];
      const make = () => {
        const bytes = 100 + random(10 ** (3 + random(4)) / 2);
        const overwritten = random(4) === 0;
        const array = overwritten ? Buffer.allocUnsafe(bytes) : new Uint8Array(bytes);
        if (isArenaArray(array)) captured++;
        if (!overwritten && array.some((byte) => byte !== 0)) wrong++;
        if (array.buffer.byteLength < bytes || array.byteOffset + bytes > array.buffer.byteLength) {
          wrong++;
        }
        const pattern = random(1000);
        fillPattern(array, pattern);
        kept.push({ array, seed: pattern });
      };
      for (let i = 0; i < 1500; i++) {
        arena.sync(make);
        if (random(3) === 0) (globalThis.gc as (options: object) => void)({ type: 'minor' });
        if (random(200) === 0) globalThis.gc?.();
        while (kept.length > 12) {
          const [one] = kept.splice(random(kept.length), 1);
          if (one !== undefined && !holdsPattern(one.array, one.seed)) wrong++;
        }
      }
      return { wrong, captured };
    };
    for (const seed of [1, 2, 3]) {
      const { wrong, captured } = await inChild(program, GC, seed);
      expect(wrong).toBe(0);
      expect(captured).toBeGreaterThan(1000);
    }
  });
});
