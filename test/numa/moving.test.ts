import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inChild } from '../support/child.js';
import { packageRoot } from '../support/run.js';

const isLinux = process.platform === 'linux';
const MIB = 2 ** 20;

/** A machine that seems to have two nodes: `configure({ numa })` moves a thread's memory like a move. */
const twoNodes = {
  flags: ['--expose-gc', '--require', join(packageRoot, 'test/support/two-nodes.cjs')],
};

describe.skipIf(!isLinux)(
  `memory that is to lie on another node${isLinux ? '' : ' (skipped: only Linux has nodes)'}`,
  () => {
    it.each(['collected', 'exit'] as const)(
      'comes from an arena of its own from then on, and again from the first (%s)',
      async (release) => {
        const arenas = await inChild(
          ({ arena, configure, fillPattern, holdsPattern, stats }, release) => {
            const work = () =>
              arena.sync(
                () => {
                  const arrays = [500, 100_000, 3_000_000].map((size, seed) =>
                    fillPattern(new Uint8Array(size), seed),
                  );
                  if (!arrays.every(holdsPattern)) throw new Error('overwritten');
                  if (new Uint8Array(200_000).some((byte) => byte !== 0)) throw new Error('stale');
                },
                { release },
              );
            return [0, 1, 0, 1, 'interleave', 'local'].map((numa) => {
              configure({ numa: numa as 0 });
              for (let i = 0; i < 20; i++) work();
              return stats().thread.arenas;
            });
          },
          twoNodes,
          release,
        );
        expect(arenas).toEqual([1, 2, 2, 2, 3, 3]);
      },
    );

    it('leaves nothing of the first node in use for exit scopes', async () => {
      const seen = await inChild(async ({ arena, clearArenaPool, configure, stats, ...kit }) => {
        const exit = { release: 'exit' } as const;
        const work = () => {
          for (const size of [100, 1_000_000, 5_000_000]) {
            arena.sync(() => new Uint8Array(size).fill(1), exit);
          }
        };
        configure({ numa: 0 });
        work();
        const before = stats().thread.slabs;
        configure({ numa: 1 });
        work();
        await kit.collectGarbage();
        clearArenaPool();
        const cleared = stats().thread;
        work();
        return { before, cleared, arenas: stats().thread.arenas };
      }, twoNodes);
      expect(seen.before.free).toBeLessThanOrEqual(64);
      expect(seen.cleared).toMatchObject({ arenas: 0, slabs: { free: 0, inUse: 0, waiting: 0 } });
      expect(seen.arenas).toBe(1);
    });

    it('lets scopes that are open at the move end as if there had been none', async () => {
      const seen = await inChild(async ({ arena, clearArenaPool, configure, stats, ...kit }) => {
        const exit = { release: 'exit' } as const;
        configure({ numa: 0 });
        const gates: (() => void)[] = [];
        const open = [1, 2, 3].map((seed) =>
          arena(async () => {
            const arrays = [300, 400_000, 4_000_000].map((size) =>
              kit.fillPattern(new Uint8Array(size), seed),
            );
            await new Promise<void>((resolve) => gates.push(resolve));
            const later = kit.fillPattern(new Uint8Array(700_000), seed);
            return [...arrays, later].every((array) => kit.holdsPattern(array, seed));
          }, exit),
        );
        configure({ numa: 1 });
        arena.sync(() => new Uint8Array(1000).fill(7), exit);
        const during = stats().thread;
        configure({ numa: 0 });
        arena.sync(() => new Uint8Array(1000).fill(7), exit);
        configure({ numa: 1 });
        for (const gate of gates) gate();
        const right = await Promise.all(open);
        arena.sync(() => new Uint8Array(1000).fill(7), exit);
        await kit.collectGarbage();
        const kept = stats().thread.slabs;
        clearArenaPool();
        const { slabs, arenas, bytes } = stats().thread;
        return { during: during.arenas, right, kept, slabs, arenas, bytes };
      }, twoNodes);
      expect(seen.during).toBe(2);
      expect(seen.right).toEqual([true, true, true]);
      expect(seen).toMatchObject({ arenas: 0, slabs: { free: 0, inUse: 0, waiting: 0 } });
      expect(seen.bytes).toMatchObject({ mapped: 0, handedOut: 0 });
    });

    it('is taken from the other node rather than from V8 when there may be no more', async () => {
      const seen = await inChild(({ arena, configure, isArenaArray, stats }) => {
        configure({ numa: 0, maxBytes: 16 * 2 ** 20, arenaBytes: 16 * 2 ** 20 });
        const kept = arena.sync(() => new Uint8Array(2 ** 21));
        configure({ numa: 1 });
        const far = arena.sync(() => [1, 2, 3].map((i) => new Uint8Array(2 ** 21).fill(i)));
        const { fallbacks, arenas } = stats().thread;
        return {
          captured: [kept, ...far].map((array) => isArenaArray(array)),
          ...{ fallbacks: fallbacks.maxBytes, arenas },
        };
      }, twoNodes);
      expect(seen).toEqual({ captured: [true, true, true, true], fallbacks: 0, arenas: 1 });
    });

    it('is mapped in place of what is free on the other node when there may be no more', async () => {
      const seen = await inChild(async ({ arena, collectGarbage, configure, stats }) => {
        configure({ numa: 0, maxBytes: 16 * 2 ** 20, arenaBytes: 16 * 2 ** 20 });
        arena.sync(() => new Uint8Array(2 ** 21).fill(1));
        await collectGarbage();
        configure({ numa: 1 });
        const array = arena.sync(() => new Uint8Array(2 ** 21));
        const { arenas, bytes } = stats().thread;
        return { arenas, mapped: bytes.mapped, zero: array.every((byte) => byte === 0) };
      }, twoNodes);
      expect(seen).toEqual({ arenas: 1, mapped: 16 * MIB, zero: true });
    });
  },
);
