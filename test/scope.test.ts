import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ArenaOptions,
  arena,
  configure,
  currentArena,
  isArenaArray,
  noArena,
  type Release,
  stats,
} from 'arena-pirate';
import { afterEach, describe, expect, it } from 'vitest';
import { inChild } from './support/child.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import {
  deferred,
  expectNoScope,
  isCaptured,
  openers,
  thrownBy,
  waitSomehow,
} from './support/scopes.js';
import { SERVES_ARRAY_BUFFERS } from './support/served.js';

const MIB = 2 ** 20;
const RELEASES: Release[] = ['collected', 'exit'];

/** Bytes that scopes have taken and not given back; what waits for collection is given back. */
function handedOut(): number {
  const { bytes, slabs } = stats().thread;
  return bytes.handedOut - slabs.waiting * configure().slabBytes;
}

afterEach(expectNoScope);

describe.each([
  ['arena', arena],
  ['arena.sync', arena.sync],
] as const)('%s with a synchronous function', (_name, open) => {
  it.each([undefined, null, 0, '', 'text', Symbol('s'), 10n, Number.NaN])('returns %s', (value) => {
    expect(open(() => value)).toBe(value);
  });

  it('returns the very object when no arena memory is in it', () => {
    const value = { list: [1, 2], small: new Uint8Array(8) };
    for (const release of RELEASES) expect(open(() => value, { release })).toBe(value);
  });

  it('returns a function, without calling its properties', () => {
    const fn = () => 'called';
    expect(open(() => fn)).toBe(fn);
  });

  it.each([new TypeError('x'), 'a string', undefined, null, { code: 5 }])(
    'throws the very value that the function throws: %s',
    (reason) => {
      for (const release of RELEASES) {
        const error = thrownBy(() =>
          open(
            () => {
              throw reason;
            },
            { release },
          ),
        );
        expect(error).toBe(reason);
      }
    },
  );

  it('calls the function once, without this and arguments', () => {
    const calls: unknown[][] = [];
    open(function (this: unknown, ...args: unknown[]) {
      calls.push([this, ...args]);
    });
    expect(calls).toEqual([[undefined]]);
  });

  it.each(RELEASES)('captures inside and not before or after (%s)', (release) => {
    expect(isCaptured()).toBe(false);
    expect(open(isCaptured, { release })).toBe(true);
    expect(isCaptured()).toBe(false);
  });

  it('returns arena arrays as they are from a collected scope, copies from an exit scope', () => {
    expect(isArenaArray(open(() => new Uint8Array(1000)))).toBe(true);
    const copy = open(() => fillPattern(new Uint8Array(1000), 1), { release: 'exit' });
    expect(isArenaArray(copy)).toBe(false);
    expect(holdsPattern(copy, 1)).toBe(true);
  });

  it('copies the result or not as copyResult says', () => {
    const make = () => [new Uint8Array(1000)] as const;
    const [copied] = open(make, { copyResult: true });
    expect(isArenaArray(copied)).toBe(false);
    const [kept] = open(make, { release: 'exit', copyResult: false });
    expect(isArenaArray(kept)).toBe(true);
  });

  it.each([
    ['nothing', () => {}, true],
    ['what is too small', () => new Uint8Array(10), true],
    ['an array', () => new Uint8Array(1000), false],
    ['an array of slabs of its own', () => new Uint8Array(3 * 2 ** 20), false],
    ['a Buffer', () => Buffer.alloc(100), false],
  ])(
    'returns an array of the scope around it as it is only from an exit scope that takes nothing: %s',
    (_name, take, isSame) => {
      for (const release of RELEASES) {
        const [array, result] = arena.sync(
          () => {
            const array = fillPattern(new Uint8Array(1000), 1);
            const inner = () => {
              take();
              return { array };
            };
            return [array, open(inner, { release: 'exit' })];
          },
          { release, copyResult: false },
        );
        expect(result.array === array).toBe(isSame);
        expect(isArenaArray(result.array)).toBe(isSame);
        if (release === 'collected') expect(holdsPattern(result.array, 1)).toBe(true);
      }
    },
  );

  it.each([undefined, null, 5, 'fn', {}, Promise.resolve()])(
    'refuses %s in place of the function',
    (value) => {
      expect(() => open(value as () => void)).toThrow(
        expect.objectContaining({ code: 'ERR_ARENA_INVALID_ARG' }),
      );
    },
  );

  it('opens no scope when an option is bad', () => {
    const fn = () => expect.unreachable();
    for (const options of [{ release: 'never' }, { plunder: 1 }, null, 5]) {
      expect(() => open(fn, options as ArenaOptions)).toThrow(/^Expected /);
    }
  });
});

describe.each(RELEASES)('arena with an asynchronous function (%s)', (release) => {
  it('resolves to what the function resolves to', async () => {
    const value = { a: 1 };
    expect(await arena(async () => value, { release })).toBe(value);
  });

  it('rejects with the very reason', async () => {
    const reason = new RangeError('x');
    const rejected = arena(() => Promise.reject(reason), { release });
    await expect(rejected).rejects.toBe(reason);
  });

  it('lasts until the promise has settled', async () => {
    const gates = [deferred(), deferred()] as const;
    const seen: boolean[] = [];
    const running = arena(
      async () => {
        seen.push(isCaptured());
        await gates[0].promise;
        seen.push(isCaptured());
        await nextTurn();
        await gates[1].promise;
        seen.push(isCaptured());
      },
      { release },
    );
    expect(isCaptured()).toBe(false);
    gates[0].resolve();
    await nextTurn();
    expect(isCaptured()).toBe(false);
    gates[1].resolve();
    await running;
    expect(seen).toEqual([true, true, true]);
    expect(isCaptured()).toBe(false);
  });

  it('is active in everything that is awaited in it', async () => {
    const step = async (depth: number): Promise<boolean[]> => {
      await waitSomehow(depth);
      return depth === 0
        ? [isCaptured()]
        : [isCaptured(), ...(await step(depth - 1)), isCaptured()];
    };
    const seen = await arena(() => step(5), { release });
    expect(new Set(seen)).toEqual(new Set([true]));
  });

  it('is active in promise callbacks, Promise.all branches and async iteration', async () => {
    async function* turns() {
      yield isCaptured();
      await nextTurn();
      yield isCaptured();
    }
    const seen = await arena(
      async () => {
        const list: boolean[] = [];
        await nextTurn().then(() => list.push(isCaptured()));
        await Promise.all([1, 2, 3].map((n) => delay(n).then(() => list.push(isCaptured()))));
        for await (const captured of turns()) list.push(captured, isCaptured());
        await Promise.reject(new Error('x')).catch(() => list.push(isCaptured()));
        return list;
      },
      { release },
    );
    expect(seen).toEqual(Array(9).fill(true));
  });

  it('awaits a thenable, whose then is called once and inside the scope', async () => {
    const calls: boolean[] = [];
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: query builders have one
      then(resolve: (value: string) => void) {
        calls.push(isCaptured());
        setImmediate(() => resolve('rows'));
      },
    };
    const result = arena(() => query as unknown as PromiseLike<string>, { release });
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toBe('rows');
    expect(calls).toEqual([true]);
  });

  it('awaits a thenable that is a function, and one that rejects or throws', async () => {
    const reason = new Error('x');
    const callable = Object.assign(() => {}, {
      // biome-ignore lint/suspicious/noThenProperty: some libraries' promises are functions
      then: (resolve: (value: number) => void) => resolve(7),
    });
    expect(await arena(() => callable as unknown as PromiseLike<number>, { release })).toBe(7);
    const broken = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      then() {
        throw reason;
      },
    };
    await expect(arena(() => broken, { release })).rejects.toBe(reason);
  });

  it('throws what a then getter throws, and ends', () => {
    const reason = new Error('x');
    const trap = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      get then() {
        throw reason;
      },
    };
    expect(thrownBy(() => arena(() => trap, { release }))).toBe(reason);
  });

  it('serves nothing after its end to callbacks that it has left behind', async () => {
    const late: Promise<boolean>[] = [];
    const emitter = new EventEmitter();
    const release1 = deferred();
    await arena(
      async () => {
        const inCallback = (schedule: (callback: () => void) => void) =>
          new Promise<boolean>((resolve) =>
            schedule(() => resolve(isCaptured() || currentArena() !== undefined)),
          );
        const unawaited = async () => {
          await release1.promise;
          const seen = [isCaptured()];
          await nextTurn();
          seen.push(isCaptured());
          await delay(2);
          return [...seen, isCaptured()].some(Boolean);
        };
        late.push(
          inCallback((callback) => setTimeout(callback, 5)),
          inCallback((callback) => emitter.on('late', callback)),
          inCallback((callback) => release1.promise.then(callback)),
          inCallback((callback) => release1.promise.then(() => process.nextTick(callback))),
          inCallback((callback) => release1.promise.then(() => queueMicrotask(callback))),
          inCallback((callback) => release1.promise.then(() => setImmediate(callback))),
          unawaited(),
        );
        await nextTurn();
      },
      { release },
    );
    emitter.emit('late');
    release1.resolve();
    expect(await Promise.all(late)).toEqual(Array(7).fill(false));
  });

  it('serves nothing after a rejection, while what it has left behind goes on', async () => {
    let late: Promise<boolean> | undefined;
    const failing = arena(
      async () => {
        late = delay(3).then(() => isCaptured() || currentArena() !== undefined);
        throw new Error('x');
      },
      { release },
    );
    await expect(failing).rejects.toThrow('x');
    expect(await late).toBe(false);
  });
});

describe('arena', () => {
  it('causes one unhandledRejection when its promise is left alone, and none when it is caught', async () => {
    const count = await inChild(async ({ arena }) => {
      const reasons: unknown[] = [];
      process.on('unhandledRejection', (reason) => reasons.push(String(reason)));
      for (const release of ['collected', 'exit'] as const) {
        const failing = async () => {
          await null;
          throw release;
        };
        await arena(failing, { release }).catch(() => {});
        await arena(() => Promise.reject(release), { release }).catch(() => {});
        arena(failing, { release });
        try {
          arena.sync(() => Promise.resolve(), { release });
        } catch {}
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
      return reasons;
    });
    expect(count).toEqual(['collected', 'exit']);
  });

  it('copies what an asynchronous exit scope resolves to', async () => {
    const copy = await arena(
      async () => {
        const array = fillPattern(new Uint8Array(5000), 2);
        await nextTurn();
        return { array };
      },
      { release: 'exit' },
    );
    expect(isArenaArray(copy.array)).toBe(false);
    expect(holdsPattern(copy.array, 2)).toBe(true);
  });

  it('throws what reading the result throws, and ends the scope', () => {
    const reason = new Error('x');
    const hostile = new Map([['key', new Uint8Array(1000)]]);
    hostile[Symbol.iterator] = () => {
      throw reason;
    };
    // Whether copying calls the overridden method is its own matter; the scope must end.
    try {
      arena.sync(() => hostile, { release: 'exit' });
    } catch (error) {
      expect(error).toBe(reason);
    }
    expectNoScope();
  });
});

describe('arena.sync', () => {
  it.each([
    ['a promise', () => Promise.resolve(1)],
    ['an async function', async () => 1],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    ['a thenable', () => ({ then() {} })],
  ])('refuses %s with ERR_ARENA_SYNC_PROMISE', (_name, fn: () => unknown) => {
    for (const release of RELEASES) {
      expect(() => arena.sync(fn, { release })).toThrow(
        expect.objectContaining({ code: 'ERR_ARENA_SYNC_PROMISE' }),
      );
      expectNoScope();
    }
  });

  it('serves nothing to the continuations of an asynchronous function that it has refused', async () => {
    let late: Promise<boolean> | undefined;
    const fn = () => {
      late = nextTurn().then(isCaptured);
      return late;
    };
    expect(() => arena.sync(fn)).toThrow(/arena\(fn\)/);
    expect(await late).toBe(false);
  });

  it('leaves AsyncLocalStorage and promise hooks alone', async () => {
    const resources = await inChild(async ({ arena }) => {
      const { executionAsyncResource } = require('node:async_hooks');
      const { types } = require('node:util');
      arena.sync(() => new Uint8Array(1000), { release: 'exit' });
      await null;
      const [major] = process.versions.node.split('.');
      // On 24 and later promises are never resources.
      return Number(major) >= 24 || types.isPromise(executionAsyncResource());
    });
    const quiet = await inChild(async () => {
      const { executionAsyncResource } = require('node:async_hooks');
      const { types } = require('node:util');
      await null;
      const [major] = process.versions.node.split('.');
      return Number(major) >= 24 || types.isPromise(executionAsyncResource());
    });
    expect(resources).toBe(quiet);
  });
});

describe('arena.wrap', () => {
  it('hands this and arguments on and returns the result', () => {
    const wrapped = arena.wrap(function (this: { base: number }, a: number, ...rest: number[]) {
      return [this.base, a, ...rest, isCaptured()];
    });
    expect(wrapped.call({ base: 1 }, 2, 3, 4)).toEqual([1, 2, 3, 4, true]);
  });

  it('works as a method', () => {
    const counter = {
      count: 3,
      next: arena.wrap(function (this: { count: number }) {
        return ++this.count;
      }),
    };
    expect(counter.next()).toBe(4);
  });

  it('has the name and length of the function', () => {
    function decode(_file: string, _options: object) {}
    const wrapped = arena.wrap(decode);
    expect([wrapped.name, wrapped.length]).toEqual(['decode', 2]);
    const anonymous = arena.wrap((..._rest: unknown[]) => {});
    expect([anonymous.name, anonymous.length]).toEqual(['', 0]);
  });

  it('opens a scope for each call, recursion included', () => {
    const depths: (number | undefined)[] = [];
    const recurse = arena.wrap((left: number) => {
      depths.push(currentArena()?.depth);
      if (left > 0) recurse(left - 1);
    });
    recurse(3);
    recurse(0);
    expect(depths).toEqual([1, 2, 3, 4, 1]);
  });

  it('awaits, throws and uses its options like arena', async () => {
    const reason = new Error('x');
    const wrapped = arena.wrap(
      async (fail: boolean) => {
        await nextTurn();
        if (fail) throw reason;
        return [currentArena()?.release, isCaptured()];
      },
      { release: 'exit' },
    );
    expect(await wrapped(false)).toEqual(['exit', true]);
    await expect(wrapped(true)).rejects.toBe(reason);
  });

  it('refuses bad arguments when it is called, not later', () => {
    expect(() => arena.wrap(5 as unknown as () => void)).toThrow(/a function for fn/);
    expect(() => arena.wrap(() => {}, { release: 'x' as Release })).toThrow(/for release/);
  });
});

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

describe('currentArena', () => {
  it('is undefined outside, in noArena, and after the scope', async () => {
    expect(currentArena()).toBeUndefined();
    await arena(async () => {
      expect(noArena(currentArena)).toBeUndefined();
      await nextTurn();
    });
    expect(currentArena()).toBeUndefined();
  });

  it('tells the options of the scope that an array made here would belong to', () => {
    arena.sync(
      () => {
        expect(currentArena()).toEqual({
          release: 'exit',
          minBytes: 300,
          zeroFill: false,
          sync: true,
          depth: 1,
        });
        arena(() =>
          expect(currentArena()).toMatchObject({ release: 'collected', sync: false, depth: 2 }),
        );
      },
      { release: 'exit', minBytes: 300, zeroFill: false },
    );
  });

  it('counts depth by enclosing scopes only', async () => {
    await arena(async () => {
      await nextTurn();
      noArena(() => arena.sync(() => expect(currentArena()?.depth).toBe(1)));
      arena.sync(() => expect(currentArena()?.depth).toBe(2));
    });
  });
});

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
