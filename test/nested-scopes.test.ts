import { setImmediate as nextTurn } from 'node:timers/promises';
import { arena, currentArena, isArenaArray, type Release } from 'arena-pirate';
import { afterEach, describe, expect, it } from 'vitest';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { expectNoScope, isCaptured, openers, waitSomehow } from './support/scopes.js';

const RELEASES: Release[] = ['collected', 'exit'];

afterEach(expectNoScope);

describe('nesting', () => {
  const kinds = [
    ...RELEASES.flatMap((release) => [
      { name: `arena ${release}`, open: openers.arena(release), current: release },
      { name: `arena.sync ${release}`, open: openers.sync(release), current: release },
    ]),
    { name: 'noArena', open: openers.noArena(), current: undefined },
  ];
  const asyncKinds = kinds.filter(({ name }) => !name.startsWith('arena.sync'));
  const current = () => currentArena()?.release;

  /** An array that says whether its bytes are still its own. */
  const marked = (seed: number) => {
    const array = fillPattern(new Uint8Array(200 + seed * 50), seed);
    return () => holdsPattern(array, seed);
  };

  describe.each(kinds)('$name', (outer) => {
    it.each(kinds)('restores the state around $name, whether that returns or throws', (inner) => {
      for (const fails of [false, true]) {
        outer.open(() => {
          const earlier = marked(1);
          const run = () =>
            inner.open(() => {
              expect(current()).toBe(inner.current);
              const own = marked(2);
              expect(own() && earlier()).toBe(true);
              if (fails) throw new Error('inner');
            });
          if (fails) expect(run).toThrow('inner');
          else run();
          expect(current()).toBe(outer.current);
          expect(isCaptured()).toBe(outer.current !== undefined);
          const after = marked(3);
          inner.open(() => marked(4));
          expect(earlier() && after()).toBe(true);
        });
        expectNoScope();
      }
    });
  });

  describe.each(asyncKinds)('asynchronous $name', (outer) => {
    it.each(kinds)(
      'goes on after $name between its awaits, whether that returns or throws',
      async (inner) => {
        for (const fails of [false, true]) {
          await outer.open(async () => {
            const earlier = marked(1);
            await nextTurn();
            const run = () =>
              inner.open(() => {
                expect(current()).toBe(inner.current);
                marked(2);
                if (fails) throw new Error('inner');
              });
            if (fails) expect(run).toThrow('inner');
            else run();
            expect(current()).toBe(outer.current);
            await nextTurn();
            expect(current()).toBe(outer.current);
            expect(earlier() && marked(3)()).toBe(true);
          });
          expectNoScope();
        }
      },
    );

    it.each(asyncKinds)('goes on during and after asynchronous $name', async (inner) => {
      for (const fails of [false, true]) {
        await outer.open(async () => {
          const earlier = marked(1);
          await nextTurn();
          const running = Promise.resolve(
            inner.open(async () => {
              const own = marked(2);
              for (let i = 0; i < 4; i++) {
                expect(current()).toBe(inner.current);
                await waitSomehow(i);
              }
              expect(own() && earlier()).toBe(true);
              if (fails) throw new Error('inner');
            }),
          );
          expect(current()).toBe(outer.current);
          const meanwhile = marked(3);
          await nextTurn();
          expect(current()).toBe(outer.current);
          if (fails) await expect(running).rejects.toThrow('inner');
          else await running;
          expect(current()).toBe(outer.current);
          expect(earlier() && meanwhile() && marked(4)()).toBe(true);
        });
        expectNoScope();
      }
    });
  });

  it('uses the options of the innermost scope', () => {
    const small = () => isArenaArray(new Uint8Array(100));
    arena.sync(
      () => {
        expect(small()).toBe(false);
        arena.sync(() => expect(small()).toBe(true), { minBytes: 1 });
        expect(small()).toBe(false);
      },
      { minBytes: 200 },
    );
  });

  it('goes 500 scopes deep and back, every level keeping its arrays', () => {
    const descend = (depth: number): void => {
      const release = RELEASES[depth % 2] as Release;
      const open = depth % 3 === 0 ? arena : arena.sync;
      open(
        () => {
          const array = fillPattern(new Uint8Array(300), depth);
          expect(currentArena()?.depth).toBe(depth);
          if (depth < 500) descend(depth + 1);
          expect(holdsPattern(array, depth)).toBe(true);
        },
        { release },
      );
    };
    descend(1);
  });
});
