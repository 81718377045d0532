import { setImmediate as nextTurn } from 'node:timers/promises';
import { arena, currentArena, isArenaArray, type MapArenaOptions, mapArena } from 'arena-pirate';
import { afterEach, describe, expect, it } from 'vitest';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { deferred, expectNoScope, isCaptured, thrownBy, waitSomehow } from './support/scopes.js';

afterEach(expectNoScope);

/** Yields 0, 1, 2 … and tells how many have been taken and whether it was closed. */
function counting(length = Number.POSITIVE_INFINITY) {
  const state = { taken: 0, closed: false };
  const items = (function* () {
    try {
      while (state.taken < length) yield state.taken++;
    } finally {
      state.closed = true;
    }
  })();
  return { state, items };
}

describe('mapArena with a synchronous function', () => {
  it('returns the results in order, at once', () => {
    expect(mapArena(['a', 'b', 'c'], (item, index) => item + index)).toEqual(['a0', 'b1', 'c2']);
    expect(mapArena([], () => expect.unreachable())).toEqual([]);
  });

  it.each([
    ['an array', [1, 2, 3]],
    ['a Set', new Set([1, 2, 3])],
    ['a typed array', new Float64Array([1, 2, 3])],
    ['the keys of a Map', new Map([1, 2, 3].map((key) => [key, 0])).keys()],
    ['a string', '123'],
    [
      'a generator',
      (function* () {
        yield* [1, 2, 3];
      })(),
    ],
  ])('takes %s', (_name, items) => {
    expect(mapArena(items as Iterable<unknown>, Number)).toEqual([1, 2, 3]);
  });

  it('visits the holes of an array, as iteration does', () => {
    expect(mapArena(Array(2), (item) => item)).toEqual([undefined, undefined]);
  });

  it('runs each call in a scope of its own, and items are not taken in any', () => {
    const taken: boolean[] = [];
    const items = (function* () {
      for (let i = 0; i < 3; i++) {
        taken.push(isCaptured());
        yield i;
      }
    })();
    const depths = mapArena(items, () => [isCaptured(), currentArena()?.depth]);
    expect(depths).toEqual(Array(3).fill([true, 1]));
    expect(taken).toEqual([false, false, false]);
  });

  it('takes an item when its turn comes', () => {
    const { items, state } = counting(3);
    const taken = mapArena(items, () => state.taken);
    expect(taken).toEqual([1, 2, 3]);
  });

  it('throws the first failure, begins no other item and closes the iterator', () => {
    const { items, state } = counting();
    const reason = new RangeError('third');
    const begun: number[] = [];
    const error = thrownBy(() =>
      mapArena(items, (item) => {
        begun.push(item);
        if (item === 2) throw reason;
      }),
    );
    expect(error).toBe(reason);
    expect(begun).toEqual([0, 1, 2]);
    expect(state).toEqual({ taken: 3, closed: true });
  });

  it('throws what the iterable throws', () => {
    const reason = new Error('no more');
    const items = (function* () {
      yield 1;
      throw reason;
    })();
    expect(thrownBy(() => mapArena(items, () => 0))).toBe(reason);
  });

  it('gives every scope the options', () => {
    const options: MapArenaOptions = { release: 'exit', minBytes: 500, concurrency: 2 };
    const [info] = mapArena([1], currentArena, options);
    expect(info).toMatchObject({ release: 'exit', minBytes: 500 });
  });

  it('copies the results of exit scopes out, and not those of collected ones', () => {
    const make = (seed: number) => ({ array: fillPattern(new Uint8Array(1000), seed) });
    const copies = mapArena([1, 2, 3], make, { release: 'exit' });
    expect(copies.map(({ array }, i) => holdsPattern(array, i + 1))).toEqual([true, true, true]);
    expect(copies.some(({ array }) => isArenaArray(array))).toBe(false);
    expect(mapArena([1, 2, 3], make).every(({ array }) => isArenaArray(array))).toBe(true);
  });

  it('works inside scopes and inside itself', () => {
    const table = arena.sync(
      () =>
        mapArena([1, 2], (row) =>
          mapArena([3, 4], (column) => [row * column, currentArena()?.depth]),
        ),
      { release: 'exit' },
    );
    expect(table).toEqual([
      [
        [3, 3],
        [4, 3],
      ],
      [
        [6, 3],
        [8, 3],
      ],
    ]);
  });
});

describe('mapArena with an asynchronous function', () => {
  it.each([1, 2, 3, 7, 100])('keeps the order with concurrency %d', async (concurrency) => {
    const items = Array.from({ length: 20 }, (_, i) => i);
    const results = await mapArena(
      items,
      async (item, index) => {
        await waitSomehow(item);
        return [item, index];
      },
      { concurrency },
    );
    expect(results).toEqual(items.map((item) => [item, item]));
  });

  it('runs one at a time unless told otherwise', async () => {
    const log: string[] = [];
    await mapArena([0, 1, 2], async (item) => {
      log.push(`begin ${item}`);
      await waitSomehow(2 - item);
      log.push(`end ${item}`);
    });
    expect(log).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it.each([2, 5])('reaches a concurrency of %d and never exceeds it', async (concurrency) => {
    let running = 0;
    const seen: number[] = [];
    await mapArena(
      Array(30).keys(),
      async (item) => {
        seen.push(++running);
        await waitSomehow(item);
        running--;
      },
      { concurrency },
    );
    expect(Math.max(...seen)).toBe(concurrency);
    expect(seen).toHaveLength(30);
  });

  it('takes no more items than run', async () => {
    const gate = deferred();
    const { items, state } = counting(10);
    const results = mapArena(items, () => gate.promise, { concurrency: 3 });
    await nextTurn();
    expect(state.taken).toBe(3);
    gate.resolve();
    await results;
    expect(state).toEqual({ taken: 10, closed: true });
  });

  it('needs no more workers than items, whatever the concurrency', async () => {
    const options = { concurrency: Number.MAX_SAFE_INTEGER };
    expect(await mapArena([1, 2, 3], async (item) => item, options)).toEqual([1, 2, 3]);
  });

  it('accepts functions that return promises and plain values', async () => {
    const mixed = (item: number): number | Promise<number> =>
      item % 2 === 0 ? item : Promise.resolve(item);
    const results: unknown = mapArena([0, 2, 1, 4, 3], mixed as () => Promise<number>);
    expect(await results).toEqual([0, 2, 1, 4, 3]);
  });

  it('runs each call in a scope of its own, after awaits too', async () => {
    const sizes = await mapArena(
      [500, 600, 700],
      async (size) => {
        const first = fillPattern(new Uint8Array(size), size);
        await waitSomehow(size);
        const second = fillPattern(new Uint8Array(size), size + 1);
        await waitSomehow(size + 1);
        const intact = holdsPattern(first, size) && holdsPattern(second, size + 1);
        return [isArenaArray(first), isArenaArray(second), intact, currentArena()?.depth];
      },
      { release: 'exit', concurrency: 3 },
    );
    expect(sizes).toEqual(Array(3).fill([true, true, true, 1]));
  });

  it('copies the results of exit scopes out', async () => {
    const results = await mapArena(
      [1, 2, 3, 4],
      async (seed) => {
        await waitSomehow(seed);
        return fillPattern(new Uint8Array(1000), seed);
      },
      { release: 'exit', concurrency: 2 },
    );
    expect(results.map((array, i) => [isArenaArray(array), holdsPattern(array, i + 1)])).toEqual(
      Array(4).fill([false, true]),
    );
  });

  it.each([
    ['a rejection', (reason: Error) => Promise.reject(reason)],
    [
      'a throw',
      (reason: Error) => {
        throw reason;
      },
    ],
  ])('rejects with the first failure and begins nothing after it (%s)', async (_name, fail) => {
    const { items, state } = counting();
    const reason = new Error('fourth');
    const begun: number[] = [];
    const results = mapArena(
      items,
      (item): Promise<unknown> => {
        begun.push(item);
        return item === 3 ? fail(reason) : nextTurn();
      },
      { concurrency: 2 },
    );
    await expect(results).rejects.toBe(reason);
    const atFailure = begun.length;
    for (let i = 0; i < 5; i++) await nextTurn();
    expect(begun).toHaveLength(atFailure);
    // The other worker may have begun one more item before the failure was known.
    expect(atFailure).toBeLessThanOrEqual(5);
    expect(state).toEqual({ taken: atFailure, closed: true });
  });

  it('begins nothing after a call that throws at once', async () => {
    const begun: number[] = [];
    const results = mapArena(
      [0, 1, 2, 3],
      (item): Promise<void> => {
        begun.push(item);
        if (item === 1) throw new Error('second');
        return nextTurn();
      },
      { concurrency: 4 },
    );
    await expect(results).rejects.toThrow('second');
    // The first call goes on to its end, in its scope.
    await nextTurn();
    expect(begun).toEqual([0, 1]);
  });

  it('rejects with what the iterable throws', async () => {
    const reason = new Error('no more');
    const items = (function* () {
      yield 1;
      throw reason;
    })();
    await expect(mapArena(items, async () => 0)).rejects.toBe(reason);
  });

  it('leaves no rejection unhandled when several calls fail', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const fail = async (item: number) => {
      await waitSomehow(item);
      throw new Error(`item ${item}`);
    };
    await expect(mapArena([0, 1, 2, 3], fail, { concurrency: 4 })).rejects.toThrow('item 0');
    for (let i = 0; i < 5; i++) await nextTurn();
    await waitSomehow(2);
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
  });
});

describe('mapArena refuses', () => {
  const id = (value: unknown) => value;

  it.each([undefined, null, 5, {}, () => []])('%s in place of the items', (items) => {
    expect(() => mapArena(items as never, id)).toThrow(
      expect.objectContaining({
        code: 'ERR_ARENA_INVALID_ARG',
        message: expect.stringMatching(/^Expected an iterable for items but received /),
      }),
    );
  });

  it.each([undefined, null, 5, {}])('%s in place of the function', (fn) => {
    expect(() => mapArena([], fn as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_ARENA_INVALID_ARG',
        message: expect.stringMatching(/^Expected a function for fn but received /),
      }),
    );
  });

  it.each([null, 5, 'exit'])('%s in place of the options', (options) => {
    expect(() => mapArena([], id, options as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_ARENA_INVALID_ARG',
        message: expect.stringMatching(/^Expected an object for options but received /),
      }),
    );
  });

  it.each([
    [{ concurrency: 0 }, /^Expected an integer of 1 or more for concurrency but received 0 of/],
    [{ concurrency: 1.5 }, /for concurrency but received 1.5 of type number/],
    [{ concurrency: '2' }, /for concurrency but received '2' of type string/],
    [{ concurrency: Number.POSITIVE_INFINITY }, /for concurrency but received Infinity/],
    [{ release: 'never' }, /^Expected 'collected' or 'exit' for release but received 'never'/],
    [
      { concurency: 2 },
      /^Expected an option named concurrency, release, minBytes, zeroFill, copyResult but received 'concurency'/,
    ],
  ])('the options %o, even without items', (options, message) => {
    expect(() => mapArena([], id, options as MapArenaOptions)).toThrow(
      expect.objectContaining({
        code: 'ERR_ARENA_INVALID_OPTION',
        message: expect.stringMatching(message),
      }),
    );
  });

  it('and takes no item then', () => {
    const { items, state } = counting();
    expect(() => mapArena(items, id, { concurrency: 0 })).toThrow();
    expect(state.taken).toBe(0);
  });
});
