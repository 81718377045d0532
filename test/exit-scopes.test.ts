import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ArenaOptions,
  arena,
  configure,
  currentArena,
  isArenaArray,
  type Release,
  stats,
} from 'arena-pirate';
import { afterEach, describe, expect, it } from 'vitest';
import { inChild } from './support/child.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { expectNoScope, isCaptured, openers, thrownBy, waitSomehow } from './support/scopes.js';
import { SERVES_ARRAY_BUFFERS } from './support/served.js';

const MIB = 2 ** 20;

/** Bytes that scopes have taken and not given back; what waits for collection is given back. */
function handedOut(): number {
  const { bytes, slabs } = stats().thread;
  return bytes.handedOut - slabs.waiting * configure().slabBytes;
}

afterEach(expectNoScope);

describe('an exit scope in event callbacks', () => {
  const inScope = <T>(fn: () => Promise<T>) => arena(fn, { release: 'exit', copyResult: false });

  it.each([
    ['a timer', (callback: () => void) => setTimeout(callback, 1)],
    ['an immediate', (callback: () => void) => setImmediate(callback)],
    ['process.nextTick', (callback: () => void) => process.nextTick(callback)],
    ['queueMicrotask', (callback: () => void) => queueMicrotask(callback)],
  ])('is not active in %s, and is again after it is awaited', async (_name, schedule) => {
    const seen = await inScope(async () => {
      const inCallback = await new Promise<boolean>((resolve) =>
        schedule(() => resolve(isCaptured())),
      );
      return [inCallback, isCaptured()];
    });
    expect(seen).toEqual([false, true]);
  });

  it("is not active in socket callbacks, which bring other people's data", async () => {
    const server = createServer((socket) => socket.end(Buffer.alloc(200_000, 7))).listen(0);
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const seen = await inScope(async () => {
      const socket = connect(port);
      const inCallbacks = new Set<boolean>();
      let arenaChunks = 0;
      let bytes = 0;
      socket.on('connect', () => inCallbacks.add(isCaptured()));
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        if (isArenaArray(chunk)) arenaChunks++;
        inCallbacks.add(isCaptured());
      });
      await once(socket, 'close');
      return { inCallbacks: [...inCallbacks], arenaChunks, bytes, after: isCaptured() };
    });
    server.close();
    expect(seen).toEqual({ inCallbacks: [false], arenaChunks: 0, bytes: 200_000, after: true });
  });

  it('is not active in the continuations of callbacks', async () => {
    const seen = await inScope(async () => {
      const fromCallback = new Promise<boolean[]>((resolve) =>
        setTimeout(async () => {
          const list = [isCaptured()];
          await null;
          list.push(isCaptured());
          resolve(list);
        }, 1),
      );
      return [...(await fromCallback), isCaptured()];
    });
    expect(seen).toEqual([false, false, true]);
  });

  /** How many fallbacks are counted for what `fn` does in a callback of an exit scope. */
  const fallbacksOf = async (fn: () => void) => {
    const before = stats().thread.fallbacks.callback;
    await inScope(async () => {
      await delay(1);
      await new Promise<void>((resolve) =>
        setTimeout(() => {
          fn();
          resolve();
        }, 1),
      );
    });
    return stats().thread.fallbacks.callback - before;
  };

  it('counts each array that such a callback gets from V8', async () => {
    const count = await fallbacksOf(() => {
      new Uint8Array(1000);
      new Float64Array([...Array(1000).keys()]);
      Buffer.alloc(1000);
      new ArrayBuffer(2 * MIB);
    });
    expect(count).toBe(SERVES_ARRAY_BUFFERS ? 4 : 3);
  });

  it('counts no fallback for opening a scope there or asking which is current', async () => {
    const count = await fallbacksOf(() => {
      currentArena();
      arena.sync(() => new Uint8Array(1000));
      arena(() => new Uint8Array(1000), { release: 'exit' });
    });
    expect(count).toBe(0);
  });

  it('counts no fallback for arrays too small for the scope, after scopes that took smaller ones', async () => {
    arena.sync(() => {}, { minBytes: 1 });
    expect(await fallbacksOf(() => new Uint8Array(8))).toBe(0);
  });

  it('is active where a scope is opened in the callback itself', async () => {
    const seen = await inScope(
      () =>
        new Promise<boolean>((resolve) =>
          setTimeout(() => resolve(arena.sync(isCaptured, { release: 'exit' })), 1),
        ),
    );
    expect(seen).toBe(true);
  });

  it('stays active there when it is a collected one', async () => {
    const seen = await arena(
      () => new Promise<boolean>((resolve) => setTimeout(() => resolve(isCaptured()), 1)),
    );
    expect(seen).toBe(true);
  });
});

describe('overlapping exit scopes', () => {
  /** A scope of some awaits that checks its own arrays after each of them. */
  const sibling = (id: number, steps: number, release: Release = 'exit') =>
    arena(
      async () => {
        const own: (() => boolean)[] = [];
        for (let step = 0; step < steps; step++) {
          const seed = id * 100 + step;
          const bytes = 100 + ((seed * 977) % 3000) + (seed % 41 === 0 ? 1.5 * MIB : 0);
          const array = fillPattern(new Uint8Array(bytes), seed);
          own.push(() => holdsPattern(array, seed));
          await waitSomehow((id + step) % 7);
          arena.sync(() => fillPattern(new Uint8Array(2000), seed + 1), { release: 'exit' });
          if (!own.every((holds) => holds())) return { id, disturbedAt: step };
        }
        return { id, result: fillPattern(new Uint8Array(500), id) };
      },
      { release },
    );

  const expectUndisturbed = (results: { id: number; result?: Uint8Array }[]) => {
    for (const { id, result } of results) {
      expect(result && holdsPattern(result, id), `scope ${id}`).toBe(true);
    }
  };

  it('never disturb each other or their parent, 400 of them', async () => {
    await arena(
      async () => {
        const own = fillPattern(new Uint8Array(10_000), 77);
        const running: ReturnType<typeof sibling>[] = [];
        for (let id = 0; id < 400; id++) {
          running.push(sibling(id, 1 + (id % 6)));
          if (id % 50 === 49) await waitSomehow(id);
          fillPattern(new Uint8Array(100), id);
        }
        expectUndisturbed(await Promise.all(running));
        expect(holdsPattern(own, 77)).toBe(true);
      },
      { release: 'exit' },
    );
  });

  it('never disturb each other without a parent, mixed with collected ones', async () => {
    const running = Array.from({ length: 200 }, (_, id) =>
      sibling(id, 4, id % 3 === 0 ? 'collected' : 'exit'),
    );
    expectUndisturbed(await Promise.all(running));
  });

  it('give everything back, the failing ones too', async () => {
    await sibling(1, 4);
    const before = handedOut();
    await arena(
      async () => {
        await Promise.allSettled(
          Array.from({ length: 100 }, async (_, id) => {
            await sibling(id, 3);
            await arena(
              async () => {
                new Uint8Array(5000);
                await waitSomehow(id);
                throw new Error('x');
              },
              { release: 'exit' },
            );
          }),
        );
      },
      { release: 'exit' },
    );
    expect(handedOut()).toBe(before);
  });

  it('use no more memory the thousandth time than the second', async () => {
    const round = () => Promise.all(Array.from({ length: 20 }, (_, id) => sibling(id * 41 + 1, 3)));
    await round();
    await round();
    const { mapped } = stats().thread.bytes;
    for (let i = 0; i < 50; i++) await round();
    expect(stats().thread.bytes.mapped).toBe(mapped);
  });

  it('outlive their parent', async () => {
    let child: ReturnType<typeof sibling> | undefined;
    await arena(
      async () => {
        child = sibling(5, 6);
        await null;
      },
      { release: 'exit' },
    );
    for (let i = 0; i < 20; i++) await sibling(100 + i, 2);
    expectUndisturbed([await (child as ReturnType<typeof sibling>)]);
  });
});

describe('leaving an inner exit scope', () => {
  const exit: ArenaOptions = { release: 'exit', copyResult: false };

  it.each(['arena', 'sync'] as const)('gives back just what it took (%s)', (how) => {
    const open = openers[how]('exit');
    arena.sync(() => {
      const outer = fillPattern(new Uint8Array(5000), 1);
      const large = fillPattern(new Uint8Array(3 * MIB), 2);
      open(() => new Uint8Array(100));
      const before = handedOut();
      for (const bytes of [100, 4000, 100_000, 1.5 * MIB, 5 * MIB, 9 * MIB + 1]) {
        open(() => {
          fillPattern(new Uint8Array(bytes), 3);
          expect(handedOut() - before).toBeGreaterThanOrEqual(bytes);
        });
        expect(handedOut(), `${bytes} bytes`).toBe(before);
        thrownBy(() =>
          open(() => {
            fillPattern(new Uint8Array(bytes), 4);
            throw new Error('x');
          }),
        );
        expect(handedOut(), `${bytes} bytes, thrown`).toBe(before);
      }
      expect(holdsPattern(outer, 1) && holdsPattern(large, 2)).toBe(true);
    }, exit);
  });

  it.each(['arena', 'sync'] as const)('leaves its memory to the next one (%s)', (how) => {
    const open = how === 'sync' ? arena.sync : arena;
    arena.sync(() => {
      new Uint8Array(1000);
      for (const bytes of [1000, 200_000, 1.5 * MIB]) {
        open(() => fillPattern(new Uint8Array(bytes), 5), exit);
        // Unfilled memory shows what was there before.
        const again = open(() => holdsPattern(new Uint8Array(bytes), 5), {
          ...exit,
          zeroFill: false,
        });
        expect(again, `${bytes} bytes`).toBe(true);
      }
    }, exit);
  });

  it('shows the next one zeros all the same', () => {
    arena.sync(() => {
      for (let i = 0; i < 50; i++) {
        const bytes = (i % 7) * 3001 + 100 + (i % 13 === 0 ? 4 * MIB : 0);
        arena.sync(() => {
          const array = new Uint8Array(bytes);
          expect(array.every((byte) => byte === 0)).toBe(true);
          array.fill(255);
        }, exit);
      }
    }, exit);
  });

  it('zeros nothing of what the scope around it has when that fills with no zeros', () => {
    const unfilled = { ...exit, zeroFill: false };
    arena.sync(() => void new Uint8Array(100_000).fill(9), exit);
    arena.sync(() => {
      const kept: { array: Uint8Array; seed: number }[] = [];
      for (let i = 0; i < 300; i++) {
        kept.push({ array: fillPattern(new Uint8Array(70 + ((i * 37) % 900)), i), seed: i });
        if (i % 3 !== 0) continue;
        arena.sync(() => {
          for (let k = 0; k < i % 5; k++) {
            const array = new Uint8Array(100 + 50 * k);
            expect(array.every((byte) => byte === 0)).toBe(true);
            array.fill(255);
          }
        }, exit);
      }
      expect(kept.every(({ array, seed }) => holdsPattern(array, seed))).toBe(true);
    }, unfilled);
  });

  it('marks and rewinds through random nests of small and large arrays and throws', () => {
    let random = 12345;
    const next = (n: number) => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      return (random >>> 8) % n;
    };
    let checked = 0;
    const nest = (depth: number): void => {
      const own: (() => boolean)[] = [];
      const count = 1 + next(5);
      for (let i = 0; i < count; i++) {
        const seed = next(1000);
        const bytes = next(20) === 0 ? (1 + next(3)) * MIB + next(999) : 65 + next(40_000);
        const array = new Uint8Array(bytes);
        if (array[0] !== 0 || array.at(-1) !== 0) throw new Error('not zero');
        fillPattern(array, seed);
        own.push(() => holdsPattern(array, seed));
        if (depth < 5 && next(2) === 0) {
          const before = handedOut();
          const fails = next(3) === 0;
          try {
            arena.sync(() => {
              nest(depth + 1);
              if (fails) throw new Error('planned');
            }, exit);
          } catch (error) {
            if ((error as Error).message !== 'planned') throw error;
          }
          if (handedOut() !== before) throw new Error('not all given back');
        }
      }
      for (const holds of own) {
        checked++;
        if (!holds()) throw new Error(`overwritten at depth ${depth}`);
      }
    };
    for (let round = 0; round < 25; round++) arena.sync(() => nest(1), exit);
    expect(checked).toBeGreaterThan(100);
  });

  it('keeps the parent array that a subarray of the inner scope shows', () => {
    arena.sync(() => {
      const outer = fillPattern(new Uint8Array(1000), 6);
      const view = arena.sync(() => outer.subarray(10, 20), exit);
      arena.sync(() => new Uint8Array(4000).fill(1), exit);
      expect(view.buffer).toBe(outer.buffer);
      expect(view.byteOffset).toBe(10);
      expect(holdsPattern(outer, 6)).toBe(true);
    }, exit);
  });
});

describe('an exit scope', () => {
  it('takes no more memory for five thousand calls than for two', () => {
    const call = () =>
      arena.sync(
        () => {
          new Float64Array(1000);
          new Float64Array(300_000);
        },
        { release: 'exit' },
      );
    call();
    call();
    const before = stats().thread;
    for (let i = 0; i < 5000; i++) call();
    const after = stats().thread;
    expect(after.bytes.mapped).toBe(before.bytes.mapped);
    expect(after.slabs).toEqual(before.slabs);
    expect(after.captured - before.captured).toBe(10_000);
  });
});

describe('a module of Node that is first loaded inside a scope', () => {
  it('allocates nothing from it when it is required', async () => {
    const captured = await inChild(({ arena, stats }) => {
      arena.sync(() => require('node:http'), { minBytes: 1 });
      return stats().thread.captured;
    });
    expect(captured).toBe(0);
  });

  /** How many arrays the first use of something takes from a scope, and the second. */
  const capturedBy = (use: () => unknown) =>
    inChild(
      ({ arena, stats }, use: string) => {
        const run = new Function(`return (${use})()`);
        const captured = () => {
          const before = stats().thread.captured;
          arena.sync(() => void run(), { minBytes: 1 });
          return stats().thread.captured - before;
        };
        return { first: captured(), second: captured() };
      },
      {},
      String(use),
    );

  it.each([
    ['Response', () => void Response],
    ['fetch', () => void fetch('data:,x')],
    ['CompressionStream', () => void CompressionStream],
    ['crypto', () => void crypto.subtle],
  ])('allocates nothing from it when the global %s loads it', async (_, use) => {
    const { first, second } = await capturedBy(use);
    expect(first).toBe(second);
  });

  it('is not loaded with the package', async () => {
    const loads = await inChild(
      () =>
        (process as unknown as { moduleLoadList: string[] }).moduleLoadList.filter((name) =>
          name.includes('undici'),
        ).length,
    );
    expect(loads).toBe(0);
  });
});
