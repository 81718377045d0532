import { describe, expect, it } from 'vitest';
import { inChild, type Kit } from './support/child.js';

const RELEASES = ['collected', 'exit'] as const;
const FLAGS = { flags: ['--expose-internals', '--no-warnings'] };

/** What tells how many hooks Node calls for asynchronous resources: for promises (before Node 24) or callbacks. */
function watchHooks() {
  const { internalBinding } = require('internal/test/binding');
  const { async_hook_fields: fields, constants } = internalBinding('async_wrap');
  const hooks = (): number => fields[constants.kTotals];

  async function hooksAfter(milliseconds: number): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return hooks();
  }

  /** Waits until Node calls none. */
  async function withoutHooks(): Promise<number> {
    const end = performance.now() + 10_000;
    while (hooks() > 0 && performance.now() < end) await hooksAfter(10);
    return hooks();
  }

  return { hooks, hooksAfter, withoutHooks };
}

const extras = { watchHooks };
type WithHooks = Kit & typeof extras;
const options = { ...FLAGS, extras };

const isPropagating = Number(process.versions.node.split('.')[0]) < 24;

describe.each(RELEASES)("what asynchronous '%s' scopes cost all of the process", (release) => {
  // From Node 24 on only 'exit' scopes need a hook.
  const some = isPropagating || release === 'exit';

  it('ends when there has been none for a while', async () => {
    const counts = await inChild(
      async (kit, release) => {
        const { arena, configure, watchHooks } = kit as WithHooks;
        const { hooks, withoutHooks } = watchHooks();
        configure({ trimAfter: 20 });
        const counts = [hooks()];
        for (let round = 0; round < 3; round++) {
          await arena(
            async () => {
              await undefined;
              counts.push(hooks());
            },
            { release },
          );
          counts.push(await withoutHooks());
        }
        return counts;
      },
      options,
      release,
    );
    const open = some ? expect.toSatisfy((count: number) => count > 0) : 0;
    expect(counts).toEqual([0, open, 0, open, 0, open, 0]);
  });

  it('ends whether or not synchronous scopes go on, and not with trimAfter: Infinity', async () => {
    const { kept, after } = await inChild(
      async (kit, release) => {
        const { arena, configure, watchHooks } = kit as WithHooks;
        const { hooks, hooksAfter } = watchHooks();
        configure({ trimAfter: Number.POSITIVE_INFINITY });
        await arena(async () => new Uint8Array(1000).length, { release });
        const kept = await hooksAfter(100);
        configure({ trimAfter: 20 });
        const end = performance.now() + 10_000;
        while (hooks() > 0 && performance.now() < end) {
          arena.sync(() => new Uint8Array(1000).length, { release });
          await hooksAfter(1);
        }
        return { kept, after: hooks() };
      },
      options,
      release,
    );
    expect(kept > 0).toBe(some);
    expect(after).toBe(0);
  });

  it('does not end while one is open', async () => {
    const seen = await inChild(
      async (kit, release) => {
        const { arena, configure, isArenaArray, watchHooks } = kit as WithHooks;
        const { hooksAfter } = watchHooks();
        configure({ trimAfter: 10 });
        return await arena(
          async () => {
            const counts = [];
            for (let i = 0; i < 10; i++) counts.push(await hooksAfter(20));
            return { counts, captured: isArenaArray(new Uint8Array(1000)) };
          },
          { release },
        );
      },
      options,
      release,
    );
    expect(seen.counts.map((count) => count > 0)).toEqual(Array(10).fill(some));
    expect(seen.captured).toBe(true);
  });

  it('is there again for the next scope, which is where it is to be and nowhere else', async () => {
    const seen = await inChild(
      async (kit, release) => {
        const { arena, configure, isArenaArray, watchHooks } = kit as WithHooks;
        const { hooksAfter, withoutHooks } = watchHooks();
        configure({ trimAfter: 10 });
        const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
        const storage = new AsyncLocalStorage<string>();
        const isCaptured = () => isArenaArray(new Uint8Array(1000));
        const rounds = [];
        for (let round = 0; round < 3; round++) {
          // Begun before, and goes on when Node tells of nothing any more.
          let late: Promise<unknown> | undefined;
          let end = () => {};
          const ended = new Promise<void>((resolve) => {
            end = resolve;
          });
          const round = await storage.run('mine', () =>
            arena(
              async () => {
                late = ended.then(() => hooksAfter(400)).then(isCaptured);
                await hooksAfter(1);
                const fromCallback = await new Promise((resolve) => {
                  setTimeout(async () => {
                    const inCallback = isCaptured();
                    await undefined;
                    resolve([inCallback, isCaptured()]);
                  }, 1);
                });
                return { inside: isCaptured(), fromCallback, mine: storage.getStore() };
              },
              { release },
            ),
          );
          end();
          rounds.push({ ...round, outside: isCaptured(), late: await late });
          storage.disable();
          rounds.push(await withoutHooks());
        }
        return rounds;
      },
      options,
      release,
    );
    const inCallback = release === 'collected';
    const round = {
      inside: true,
      fromCallback: [inCallback, inCallback],
      mine: 'mine',
      outside: false,
      late: false,
    };
    expect(seen).toEqual([round, 0, round, 0, round, 0]);
  });

  it('ends as soon where memory has been waiting for long', async () => {
    const took = await inChild(
      async (kit, release) => {
        const { arena, collectGarbage, configure, watchHooks } = kit as WithHooks;
        const { hooksAfter, withoutHooks } = watchHooks();
        configure({ trimAfter: 10 });
        const arrays = arena.sync(
          () => Array.from({ length: 4 }, () => new Uint8Array(3_000_000)),
          {
            release: 'collected',
          },
        );
        // Old, so that it is looked for less and less often.
        await collectGarbage();
        await hooksAfter(3000);
        await arena(async () => undefined, { release });
        const start = performance.now();
        await withoutHooks();
        return { milliseconds: performance.now() - start, kept: arrays.length };
      },
      { ...options, flags: [...FLAGS.flags, '--expose-gc'] },
      release,
    );
    expect(took.kept).toBe(4);
    // Some 30 ms. Where the hooks wait for what is looked for ever less often, two seconds.
    expect(took.milliseconds).toBeLessThan(1900);
  });

  it('is what scopes need, however little stack the first ones have had', async () => {
    const seen = await inChild(
      async (kit, release) => {
        const { arena, configure, isArenaArray, watchHooks } = kit as WithHooks;
        configure({ trimAfter: Number.POSITIVE_INFINITY });
        let opened = 0;
        // Tries with a little more stack each time.
        const deep = () => {
          try {
            deep();
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
          }
          if (opened === 3) return;
          try {
            arena(() => undefined, { release });
            opened++;
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
          }
        };
        deep();
        const isCaptured = () => isArenaArray(new Uint8Array(1000));
        const captured = await arena(
          async () => {
            await undefined;
            const inside = isCaptured();
            const inCallback = await new Promise((resolve) => {
              setTimeout(async () => {
                await undefined;
                resolve(isCaptured());
              }, 1);
            });
            return { inside, inCallback };
          },
          { release },
        );
        return { ...captured, hooks: watchHooks().hooks() > 0, opened };
      },
      options,
      release,
    );
    expect(seen).toEqual({
      inside: true,
      inCallback: release === 'collected',
      hooks: some,
      opened: 3,
    });
  });
});
