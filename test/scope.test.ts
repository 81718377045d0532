import { EventEmitter } from 'node:events';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ArenaOptions,
  arena,
  currentArena,
  findEscapes,
  isArenaArray,
  mapArena,
  noArena,
  type Release,
} from 'arena-pirate';
import { afterEach, describe, expect, it } from 'vitest';
import { inChild } from './support/child.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { deferred, expectNoScope, isCaptured, thrownBy, waitSomehow } from './support/scopes.js';

const RELEASES: Release[] = ['collected', 'exit'];

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

  it('awaits a promise with a then of its own, which is called once and inside the scope', async () => {
    const calls: boolean[] = [];
    class Lazy extends Promise<number> {
      static override get [Symbol.species]() {
        return Promise;
      }
      // biome-ignore lint/suspicious/noThenProperty: lazy promises have one
      override then<A, B>(
        onFulfilled?: ((value: number) => A | PromiseLike<A>) | null,
        onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        calls.push(isCaptured());
        return new Promise<number>((resolve) => setImmediate(resolve, 7)).then(
          onFulfilled,
          onRejected,
        );
      }
    }
    expect(await arena(() => new Lazy(() => {}), { release })).toBe(7);
    expect(calls).toEqual([true]);
  });

  it('settles in as many turns as a then on the promise would', async () => {
    const order: string[] = [];
    const promise = Promise.resolve();
    const settled = arena(() => promise, { release }).then(() => order.push('arena'));
    const plain = promise.then(() => {}).then(() => order.push('plain'));
    const later = promise
      .then(() => {})
      .then(() => {})
      .then(() => order.push('later'));
    await Promise.all([settled, plain, later]);
    expect(order).toEqual(['arena', 'plain', 'later']);
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

  it('returns what refuses to be asked for a then', () => {
    const trap = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      get then() {
        throw new Error('x');
      },
    };
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const result of [trap, revoked]) {
      expect(
        Object.is(
          arena(() => result, { release, copyResult: false }),
          result,
        ),
      ).toBe(true);
      expect(
        Object.is(
          arena.sync(() => result, { release }),
          result,
        ),
      ).toBe(true);
    }
    expect(currentArena()).toBeUndefined();
  });

  it('refuses a generator function, which runs when its scope has ended', () => {
    const body: () => unknown = function* () {};
    const asyncBody: () => unknown = async function* () {};
    for (const fn of [body, asyncBody]) {
      const mapping = (body: () => unknown) => mapArena([1], body);
      for (const run of [arena, arena.sync, arena.wrap, noArena, findEscapes, mapping]) {
        expect(thrownBy(() => (run as typeof arena)(fn))).toMatchObject({
          code: 'ERR_ARENA_INVALID_ARG',
          message: expect.stringContaining('generator function'),
        });
      }
    }
  });

  it('reads options that are inherited, hidden or computed as it reads all others', () => {
    class Options {
      get release() {
        return release;
      }
      get minBytes() {
        return 300;
      }
    }
    const hidden = Object.defineProperty({}, 'minBytes', { value: 300 });
    for (const options of [new Options(), Object.create(new Options()), hidden]) {
      expect(arena.sync(currentArena, options)).toMatchObject({ minBytes: 300 });
    }
    for (const wrong of [{ release: 'bogus' }, { minBytes: Number.NaN }, { zeroFill: 1 }]) {
      const [[name, value]] = Object.entries(wrong) as [[string, unknown]];
      for (const options of [
        Object.create(wrong),
        Object.defineProperty({}, name, { value }),
        Object.defineProperty({}, name, { get: () => value }),
      ]) {
        expect(thrownBy(() => arena.sync(() => 1, options))).toMatchObject({
          code: 'ERR_ARENA_INVALID_OPTION',
        });
      }
    }
    expect(currentArena()).toBeUndefined();
  });

  it('ends once where a promise’s own then throws after all, and others are served as before', async () => {
    const reason = new Error('x');
    const promise = Promise.resolve(1);
    // biome-ignore lint/suspicious/noThenProperty: a promise with a then of its own is what is tested
    promise.then = (...args) => {
      Reflect.apply(Promise.prototype.then, promise, args);
      throw reason;
    };
    expect(thrownBy(() => arena(() => promise, { release }))).toBe(reason);
    await new Promise(setImmediate);
    expect(arena.sync(isCaptured, { release })).toBe(true);
    // Two that overlap have memory of their own.
    const bytes = await arena(
      async () => {
        const first = new Uint8Array(1000).fill(1);
        await arena(async () => new Uint8Array(1000).fill(2)[0], { release });
        new Uint8Array(1000).fill(3);
        return first[0];
      },
      { release },
    );
    expect(bytes).toBe(1);
  });

  it('serves nothing after its end to callbacks that it has left behind', async () => {
    const late: Promise<boolean>[] = [];
    const emitter = new EventEmitter();
    const release1 = deferred();
    let ended = false;
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
          inCallback((callback) => {
            // A timer of the scope's own, asked until the scope has ended: one of 5 ms fires before that on a busy machine.
            const timer = setInterval(() => {
              if (ended) {
                clearInterval(timer);
                callback();
              }
            }, 1);
          }),
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
    ended = true;
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
  it('gives parameters without types those that the place asks for', () => {
    const listen = (on: (event: { type: string }) => string) => on({ type: 'click' });
    expect(listen(arena.wrap((event) => event.type.toUpperCase()))).toBe('CLICK');
  });

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
