// What an 'exit' scope returns of half a slab and more is copied to slabs of its own.
import {
  arena,
  clearArenaPool,
  configure,
  copyFromArena,
  isArenaArray,
  type Release,
  stats,
} from 'arena-pirate';
import { afterEach, describe, expect, it } from 'vitest';
import { inChild, STRESS_COMPACTION } from './support/child.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { expectNoScope } from './support/scopes.js';
import { scramble } from './support/scramble.js';

const MIB = 2 ** 20;
const exit = { release: 'exit' } as const;

afterEach(expectNoScope);

const picture = (bytes: number, seed = 1) => fillPattern(new Uint8Array(bytes), seed);

describe("what an 'exit' scope returns", () => {
  it.each([
    ['an array of half a slab', MIB, true],
    ['one of less', MIB - 64, false],
    ['one of several slabs', 9 * MIB + 7, true],
  ])('has slabs of its own where it is large: %s', async (_, bytes, isLarge) => {
    const results = [
      arena.sync(() => picture(bytes), exit),
      arena.sync(() => ({ deep: [{ picture: picture(bytes) }] }), exit).deep[0]?.picture,
      arena.sync(() => new Map([['key', picture(bytes)]]), exit).get('key'),
      await arena(async () => picture(bytes), exit),
    ] as Uint8Array[];
    scramble(arena, 100);
    for (const result of results) {
      expect(isArenaArray(result)).toBe(isLarge);
      expect([result.length, result.byteOffset]).toEqual([bytes, 0]);
      expect(result.buffer.byteLength).toBe(bytes);
      expect(holdsPattern(result, 1)).toBe(true);
    }
  });

  it('shares memory and has what was put on it as before', () => {
    const { whole, part, view, buffer } = arena.sync(() => {
      const whole = Object.assign(picture(2 * MIB), { width: 5 });
      const { buffer } = whole;
      return { whole, part: whole.subarray(10, 20), view: new DataView(buffer, 30, 40), buffer };
    }, exit);
    scramble(arena, 100);
    expect([part.buffer === whole.buffer, view.buffer === whole.buffer]).toEqual([true, true]);
    expect([buffer === whole.buffer, part.byteOffset, view.byteOffset]).toEqual([true, 10, 30]);
    expect(whole.width).toBe(5);
    part[0] = 200;
    expect(whole[10]).toBe(200);
    expect(holdsPattern(whole.subarray(20), 1 + 20)).toBe(true);
  });

  it('is a Buffer where it was one, and can be transferred', () => {
    const buffer = arena.sync(() => Buffer.from(picture(3 * MIB, 2)), exit);
    expect(Buffer.isBuffer(buffer)).toBe(true);
    const moved = structuredClone(buffer, { transfer: [buffer.buffer] });
    expect(holdsPattern(moved, 2)).toBe(true);
    expect(buffer.byteLength).toBe(0);
  });

  it('is ordinary where that was asked for', () => {
    const collected: Release = 'collected';
    const results = [
      arena.sync(() => picture(2 * MIB), { release: collected, copyResult: true }),
      copyFromArena(arena.sync(() => picture(2 * MIB))),
      copyFromArena(arena.sync(() => picture(2 * MIB), exit)),
    ];
    for (const result of results) {
      expect(isArenaArray(result)).toBe(false);
      expect(holdsPattern(result, 1)).toBe(true);
    }
  });

  it('leaves scopes three quarters of what the thread may map', () => {
    clearArenaPool();
    const { maxBytes } = configure();
    configure({ maxBytes: 64 * MIB, arenaBytes: 64 * MIB });
    try {
      const kept = Array.from({ length: 20 }, (_, i) =>
        arena.sync(() => picture(2 * MIB, i), exit),
      );
      const served = kept.filter(isArenaArray).length;
      expect(served).toBeGreaterThan(2);
      expect(served).toBeLessThanOrEqual(8);
      expect(kept.every((result, i) => holdsPattern(result, i))).toBe(true);
    } finally {
      configure({ maxBytes, arenaBytes: 128 * MIB });
    }
  });
});

it('keeps its bytes as long as anybody refers to it, and no longer', async () => {
  const { wrong, waiting, mapped } = await inChild(
    async ({ arena, clearArenaPool, collectGarbage, fillPattern, holdsPattern, stats }) => {
      let wrong = 0;
      const kept = new Map<number, Uint8Array>();
      const run = (seed: number) => {
        const bytes = 2 ** 20 + ((seed * 7919) % 5) * 700_000;
        const result = arena.sync(
          () => {
            new Uint8Array(bytes).fill(255);
            return { picture: fillPattern(new Uint8Array(bytes), seed) };
          },
          { release: 'exit' },
        );
        // Some of them through a view only.
        kept.set(seed % 5, seed % 3 === 0 ? result.picture.subarray(5) : result.picture);
        for (const [slot, array] of kept) {
          const made = seed - ((seed - slot) % 5);
          if (!holdsPattern(array, made % 3 === 0 ? made + 5 : made)) wrong++;
        }
      };
      for (let seed = 0; seed < 150; seed++) {
        run(seed);
        if (seed % 50 === 0) {
          await collectGarbage();
          clearArenaPool();
        }
      }
      kept.clear();
      await collectGarbage();
      clearArenaPool();
      const { slabs, bytes } = stats().thread;
      return { wrong, waiting: slabs.waiting, mapped: bytes.mapped };
    },
    { flags: ['--expose-gc', ...STRESS_COMPACTION] },
  );
  expect({ wrong, waiting, mapped }).toEqual({ wrong: 0, waiting: 0, mapped: 0 });
});

it('takes no more memory for a thousand large results than for fifty', () => {
  const mappedAfter = (count: number) => {
    for (let i = 0; i < count; i++) arena.sync(() => new Float64Array(MIB / 4).fill(i), exit);
    return stats().thread.bytes.mapped;
  };
  const few = mappedAfter(50);
  expect(mappedAfter(1000)).toBeLessThanOrEqual(few + 128 * MIB);
});
