import { setImmediate as nextTurn } from 'node:timers/promises';
import { arena, noArena, type Release } from 'arena-pirate';
import { afterEach, describe, expect, it } from 'vitest';
import { expectNoScope, isCaptured, thrownBy, waitSomehow } from './support/scopes.js';

const RELEASES: Release[] = ['collected', 'exit'];

afterEach(expectNoScope);

describe('noArena', () => {
  it('returns and throws what the function does, in a scope and outside', async () => {
    const value = {};
    const reason = new Error('x');
    const check = async () => {
      expect(noArena(() => value)).toBe(value);
      const fail = () => {
        throw reason;
      };
      expect(thrownBy(() => noArena(fail))).toBe(reason);
      expect(await noArena(async () => value)).toBe(value);
      await expect(noArena(() => Promise.reject(reason))).rejects.toBe(reason);
    };
    await check();
    for (const release of RELEASES) await arena(check, { release });
  });

  it('refuses what is no function', () => {
    expect(() => noArena(null as unknown as () => void)).toThrow(
      expect.objectContaining({ code: 'ERR_ARENA_INVALID_ARG' }),
    );
  });

  describe.each(RELEASES)('in a scope (%s)', (release) => {
    it('captures nothing inside, and again after', () => {
      for (const open of [arena, arena.sync]) {
        const seen = open(() => [isCaptured(), noArena(isCaptured), isCaptured()], { release });
        expect(seen).toEqual([true, false, true]);
      }
    });

    it('captures again after a throw', () => {
      const seen = arena.sync(
        () => {
          thrownBy(() =>
            noArena(() => {
              throw new Error('x');
            }),
          );
          return isCaptured();
        },
        { release },
      );
      expect(seen).toBe(true);
    });

    it('captures nothing after its awaits, while the scope around it does', async () => {
      const inside: boolean[] = [];
      const around: boolean[] = [];
      await arena(
        async () => {
          const quiet = noArena(async () => {
            for (let i = 0; i < 6; i++) {
              await waitSomehow(i);
              inside.push(isCaptured());
            }
          });
          for (let i = 0; i < 6; i++) {
            await waitSomehow(i);
            around.push(isCaptured());
          }
          await quiet;
          around.push(isCaptured());
        },
        { release },
      );
      expect(inside).toEqual(Array(6).fill(false));
      expect(around).toEqual(Array(7).fill(true));
    });

    it('captures nothing after an await of its own, called after an await of the scope', async () => {
      const seen = await arena(
        async () => {
          await nextTurn();
          const inside = await noArena(async () => {
            const before = isCaptured();
            await nextTurn();
            return [before, isCaptured()];
          });
          return [...inside, isCaptured()];
        },
        { release },
      );
      expect(seen).toEqual([false, false, true]);
    });

    it('lets a scope inside it capture', async () => {
      for (const inner of RELEASES) {
        expect(
          arena.sync(() => noArena(() => arena.sync(isCaptured, { release: inner })), { release }),
        ).toBe(true);
        const seen = await arena(
          () =>
            noArena(async () => {
              await nextTurn();
              const inside = await arena(
                async () => {
                  await nextTurn();
                  return isCaptured();
                },
                { release: inner },
              );
              return [inside, isCaptured()];
            }),
          { release },
        );
        expect(seen).toEqual([true, false]);
      }
    });

    it('captures nothing in an arena.sync scope after an await', async () => {
      // arena.sync leaves the async context alone, so the outer scope's must not shine through.
      let late: Promise<boolean> | undefined;
      await arena(
        async () => {
          arena.sync(() => {
            late = noArena(async () => {
              await nextTurn();
              return isCaptured();
            });
          });
          await late;
        },
        { release },
      );
      expect(await late).toBe(false);
    });
  });
});
