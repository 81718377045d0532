import { arena, configure, isArenaArray, type MtMapArenaOptions, mtMapArena } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { numbers } from '../support/parallel.js';

describe('mtMapArena', () => {
  it.each([
    ['an array', [1, 2, 3]],
    ['a typed array', new Float64Array([1, 2, 3])],
    ['a string', '123'],
    [
      'a generator',
      (function* () {
        yield* [1, 2, 3];
      })(),
    ],
  ])('takes %s', async (_name, items) => {
    const results = await mtMapArena(items as Iterable<unknown>, (item) => Number(item) * 2, {
      threads: 1,
    });
    expect(results).toEqual([2, 4, 6]);
  });

  it('returns an empty array for no items, and starts nothing', async () => {
    expect(await mtMapArena([], () => process.exit(1))).toEqual([]);
  });

  it('visits the holes of an array, as mapArena does', async () => {
    expect(await mtMapArena(Array(2), (item) => [item], { threads: 1 })).toEqual([
      [undefined],
      [undefined],
    ]);
  });

  it.each([
    { threads: 1 },
    { threads: 2, chunk: 1 },
    { threads: 3, chunk: 7 },
    { threads: 2, chunk: 1000 },
    { threads: 2 },
  ])('keeps the order, whatever takes longest: %j', async (options) => {
    const results = await mtMapArena(
      numbers(60),
      async (item, index) => {
        await new Promise((resolve) => setTimeout(resolve, (item * 7) % 4));
        return [item, index];
      },
      options,
    );
    expect(results).toEqual(numbers(60).map((i) => [i, i]));
  });

  it('runs on as many threads as it is told, none of them the caller', async () => {
    const ids = await mtMapArena(
      numbers(12),
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return require('node:worker_threads').threadId as number;
      },
      { threads: 3, chunk: 1 },
    );
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain(0);
  });

  it.each(['collected', 'exit'] as const)(
    'runs each item in a scope of its own (%s)',
    async (release) => {
      const seen = await mtMapArena(
        [1, 2, 3],
        async () => {
          const { currentArena, isArenaArray } = require('arena-pirate');
          const before = isArenaArray(new Float64Array(100));
          await null;
          const { depth, release, minBytes } = currentArena();
          return { before, after: isArenaArray(new Float64Array(100)), depth, release, minBytes };
        },
        { release, minBytes: 500, threads: 1 },
      );
      const expected = { before: true, after: true, depth: 1, release, minBytes: 500 };
      expect(seen).toEqual([expected, expected, expected]);
    },
  );

  it('takes what its options leave out from configure() of the calling thread', async () => {
    const before = configure();
    configure({ release: 'exit', minBytes: 300 });
    try {
      const ask = (options: MtMapArenaOptions) =>
        mtMapArena([1], () => require('arena-pirate').currentArena(), { threads: 1, ...options });
      expect(await ask({})).toMatchObject([{ release: 'exit', minBytes: 300 }]);
      const options = { release: undefined, minBytes: 400 } as unknown as MtMapArenaOptions;
      expect(await ask(options)).toMatchObject([{ release: 'exit', minBytes: 400 }]);
    } finally {
      configure(before);
    }
  });

  it('leaves small Buffers to Node’s pool and spares scopes, where nobody has given a minBytes', async () => {
    const ask = (options: MtMapArenaOptions) =>
      mtMapArena(
        Array.from({ length: 300 }),
        () => {
          const { isArenaArray, stats } = require('arena-pirate');
          for (let i = 0; i < 50; i++) new Float64Array(20).buffer;
          return [isArenaArray(Buffer.allocUnsafe(100)), stats().thread.sparedScopes > 0];
        },
        { threads: 1, ...options },
      ).then((seen) => seen.at(-1));
    expect(await ask({})).toEqual([false, true]);
    expect(await ask({ minBytes: 65 })).toEqual([true, false]);
  });

  it('reports progress up to the total, in steps of the chunks', async () => {
    const reports: number[][] = [];
    const onProgress = (...report: number[]) => reports.push(report);
    await mtMapArena(numbers(10), (item) => item, { threads: 2, chunk: 3, onProgress });
    const done = reports.map(([count]) => count as number);
    expect(done).toHaveLength(4);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(reports.at(-1)).toEqual([10, 10]);
  });

  it('sends short items in few messages when it chooses the chunks', async () => {
    let messages = 0;
    await mtMapArena(numbers(20_000), (item) => item, { threads: 2, onProgress: () => messages++ });
    expect(messages).toBeGreaterThan(2);
    expect(messages).toBeLessThan(500);
  });

  it('works inside a scope, and takes items that lie in arenas', async () => {
    const results = await arena(
      async () => {
        const items = [1, 2].map((seed) => new Float64Array(1000).fill(seed));
        expect(items.every(isArenaArray)).toBe(true);
        return mtMapArena(items, (item) => item.map((x) => x * 10), { threads: 1 });
      },
      { release: 'exit' },
    );
    expect(results).toEqual([10, 20].map((value) => new Float64Array(1000).fill(value)));
  });
});

describe('the results of mtMapArena', () => {
  it.each(['collected', 'exit'] as const)(
    'are whole and of their own, at any depth and size (%s)',
    async (release) => {
      const results = await mtMapArena(
        [10, 100, 5000, 300_000],
        (length) => {
          const array = new Float64Array(length).fill(length);
          const bytes = new Uint8Array(length).fill(7);
          return { array, map: new Map([['bytes', [bytes]]]), part: array.subarray(2, 5) };
        },
        { release, threads: 2, chunk: 2 },
      );
      for (const [i, { array, map, part }] of results.entries()) {
        const length = [10, 100, 5000, 300_000][i] as number;
        expect(isArenaArray(array)).toBe(false);
        const [bytes] = map.get('bytes') as [Uint8Array];
        expect([array.length, bytes.length]).toEqual([length, length]);
        expect(array.every((x) => x === length) && bytes.every((x) => x === 7)).toBe(true);
        // What shared a buffer shares it still, and nothing else does.
        expect(part.buffer).toBe(array.buffer);
        expect([array.byteOffset, part.byteOffset]).toEqual([0, 16]);
        expect(array.buffer.byteLength).toBe(8 * length);
        structuredClone(array.buffer, { transfer: [array.buffer] });
      }
    },
  );

  it('may hold one buffer twice, and one ArrayBuffer by itself', async () => {
    const [result] = await mtMapArena(
      [1],
      () => {
        const array = new Uint8Array(3_000_000).fill(3);
        return [array, array, array.buffer, new DataView(array.buffer, 5)];
      },
      { threads: 1 },
    );
    const [first, second, buffer, view] = result as [Uint8Array, Uint8Array, ArrayBuffer, DataView];
    expect(first).toBe(second);
    expect(first.buffer).toBe(buffer);
    expect(view.buffer).toBe(buffer);
    expect([view.byteOffset, view.getUint8(0), first.length]).toEqual([5, 3, 3_000_000]);
  });

  it('leave what the task keeps as it is, made in a scope or not', async () => {
    const results = await mtMapArena(
      [0, 1, 2, 3],
      () => {
        const { noArena } = require('arena-pirate');
        const store = globalThis as { kept?: Uint8Array[] };
        store.kept ??= [
          new Uint8Array(3_000_000).fill(1),
          noArena(() => new Uint8Array(3_000_000).fill(2)),
          new Uint8Array(1000).fill(3),
          noArena(() => new Uint8Array(1000).fill(4)),
        ];
        return { sent: store.kept, kept: store.kept.map((array) => array.length) };
      },
      { threads: 1, chunk: 2 },
    );
    for (const { sent, kept } of results) {
      expect(kept).toEqual([3_000_000, 3_000_000, 1000, 1000]);
      expect(sent.map((array) => array.length)).toEqual(kept);
      expect(sent.map((array, i) => array.every((byte) => byte === i + 1))).not.toContain(false);
    }
  });

  it.each(['collected', 'exit'] as const)(
    'are read as the serializer reads them, getters and errors included (%s)',
    async (release) => {
      const results = await mtMapArena(
        [1, 2, 3],
        (seed) => {
          const array = new Uint8Array(1000).fill(seed);
          return {
            get lazy() {
              return array.map((byte) => byte + 10);
            },
            error: new Error('told', { cause: array }),
          };
        },
        { release, threads: 1, chunk: 3 },
      );
      for (const [i, { lazy, error }] of results.entries()) {
        expect(lazy).toEqual(new Uint8Array(1000).fill(i + 11));
        const cause = error.cause as Uint8Array;
        expect(cause).toEqual(new Uint8Array(1000).fill(i + 1));
        expect([lazy.buffer.byteLength, cause.buffer.byteLength]).toEqual([1000, 1000]);
      }
    },
  );

  it('tell undefined, null and missing elements apart', async () => {
    const results = await mtMapArena(
      [0, 1, 2, 3, 4],
      (item) => [undefined, null, Array(2), Number.NaN, -0][item],
      { threads: 1, chunk: 5 },
    );
    expect(Object.keys(results)).toHaveLength(5);
    expect(results).toEqual([undefined, null, Array(2), Number.NaN, -0]);
    expect(1 in (results[2] as unknown[])).toBe(false);
  });

  it('share SharedArrayBuffers with the items', async () => {
    const shared = new Int32Array(new SharedArrayBuffer(400_000));
    const [result] = await mtMapArena(
      [shared],
      (item) => {
        item[99_999] = 17;
        return item;
      },
      { threads: 1 },
    );
    expect(shared[99_999]).toBe(17);
    shared[0] = 23;
    expect(result?.[0]).toBe(23);
  });

  it('are what structuredClone makes of them otherwise', async () => {
    const [result] = await mtMapArena(
      [0],
      () => {
        class Point {
          readonly x = 1;
          readonly data = new Float32Array(100).fill(0.5);
        }
        const cyclic: unknown[] = [new Date(5), /x/g, new Set([1]), 10n, Buffer.alloc(100, 1)];
        cyclic.push(new Point(), cyclic);
        return cyclic as [Date, RegExp, Set<number>, bigint, Uint8Array, object, unknown];
      },
      { threads: 1 },
    );
    const [date, pattern, set, big, bytes, point, self] = result as [unknown, ...unknown[]];
    expect([date, pattern, set, big]).toEqual([new Date(5), /x/g, new Set([1]), 10n]);
    expect(bytes).toEqual(new Uint8Array(100).fill(1));
    expect(point).toEqual({ x: 1, data: new Float32Array(100).fill(0.5) });
    expect(self).toBe(result);
  });
});
