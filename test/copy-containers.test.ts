import { types } from 'node:util';
import vm from 'node:vm';
import { arena, copyFromArena, isArenaArray } from 'arena-pirate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arenaArraysIn, bytes, made } from './support/arena-values.js';
import { describeGraph } from './support/graph.js';
import { messages } from './support/message-recipes.js';
import { make } from './support/messages.js';
import { holdsPattern } from './support/pattern.js';
import { makeSmallValue, smallValues } from './support/small-values.js';

const MIB = 2 ** 20;

describe('copyFromArena of containers', () => {
  it('copies arrays at any depth of objects, arrays, Maps, Sets and instances', () => {
    class Frame {
      constructor(
        readonly pixels: Uint8Array,
        readonly info: unknown,
      ) {}
    }
    const value = {
      list: [[[{ a: bytes(100, 1) }]]],
      map: new Map<unknown, unknown>([
        ['value', bytes(100, 2)],
        [new Set([bytes(100, 3)]), 'key'],
      ]),
      frame: new Frame(bytes(100, 4), {
        deep: Object.create(null, { x: { value: bytes(100, 5) } }),
      }),
    };
    expect(arenaArraysIn(value)).toHaveLength(5);
    const copy = copyFromArena(value);
    expect(arenaArraysIn(copy)).toEqual([]);
    expect(copy).toEqual(value);
    expect(copy.frame).toBeInstanceOf(Frame);
    expect(Object.getPrototypeOf((copy.frame.info as { deep: object }).deep)).toBe(null);
  });

  it('leaves the original with its arrays and structure', () => {
    const array = bytes(100, 1);
    const inner = { array };
    const value = { inner, map: new Map([[array, inner]]), set: new Set([inner]) };
    copyFromArena(value);
    expect(value.inner).toBe(inner);
    expect(inner.array).toBe(array);
    expect([...value.map]).toEqual([[array, inner]]);
    expect(value.map.get(array)).toBe(inner);
    expect(value.set.has(inner)).toBe(true);
  });

  it('keeps cycles of every kind of container', () => {
    interface Node {
      array: Uint8Array;
      self?: Node;
      list: unknown[];
      map: Map<unknown, unknown>;
      set: Set<unknown>;
    }
    const value: Node = { array: bytes(), list: [], map: new Map(), set: new Set() };
    value.self = value;
    value.list.push(value.list, value);
    value.map.set(value, value.map).set('map', value.set);
    value.set.add(value.set).add(value);
    const copy = copyFromArena(value);
    expect(copy).not.toBe(value);
    expect(copy.self).toBe(copy);
    expect(copy.list).toEqual([copy.list, copy]);
    expect(copy.list[0]).toBe(copy.list);
    expect(copy.map.get(copy)).toBe(copy.map);
    expect(copy.map.get('map')).toBe(copy.set);
    expect(copy.set.has(copy.set) && copy.set.has(copy) && copy.set.size === 2).toBe(true);
    expect(isArenaArray(copy.array)).toBe(false);
  });

  it('finds arena memory behind a cycle', () => {
    const a: { next?: unknown; array?: Uint8Array } = {};
    const b = { next: a, list: [a] };
    a.next = b;
    const root = [b, a];
    a.array = bytes();
    const copy = copyFromArena(root);
    expect(arenaArraysIn(copy)).toEqual([]);
    expect((copy[0] as typeof b).next).toBe(copy[1]);
  });

  it('keeps shared arrays shared', () => {
    const array = bytes();
    const shared = { array };
    const copy = copyFromArena({
      array,
      list: [array, shared, shared],
      map: new Map([[array, 1]]),
    });
    expect(copy.list[0]).toBe(copy.array);
    expect((copy.list[1] as typeof shared).array).toBe(copy.array);
    expect(copy.list[2]).toBe(copy.list[1]);
    expect(copy.map.get(copy.array)).toBe(1);
  });

  it('keeps shared memory shared between views, DataViews and the buffer', () => {
    for (const array of [bytes(4000), bytes(3 * MIB)]) {
      const { buffer, byteOffset } = array;
      const copy = copyFromArena({
        part: array.subarray(16, 32),
        array,
        buffer,
        view: new DataView(buffer, byteOffset, 100),
        floats: new Float64Array(buffer, byteOffset + 8, 10),
      });
      expect(arenaArraysIn(copy)).toEqual([]);
      copy.array[16] = 77;
      expect([copy.part[0], copy.view.getUint8(16)]).toEqual([77, 77]);
      copy.view.setFloat64(8, 1.5, true);
      expect(copy.floats[0]).toBe(1.5);
      for (const view of [copy.array, copy.part, copy.view, copy.floats]) {
        expect(view.buffer).toBe(copy.buffer);
      }
      expect(copy.part.byteOffset - copy.array.byteOffset).toBe(16);
      expect(array[16]).not.toBe(77);
    }
  });

  it('keeps arrays that share nothing apart', () => {
    const copy = copyFromArena([bytes(100, 1), bytes(100, 2)]);
    expect(copy[0]?.buffer).not.toBe(copy[1]?.buffer);
  });

  it('keeps prototypes, symbols, accessors and attributes of properties', () => {
    const symbol = Symbol('s');
    class Base {
      get size() {
        return (this as unknown as { data: Uint8Array }).data.length;
      }
    }
    class Derived extends Base {
      data = bytes(123);
    }
    const value = new Derived() as Derived & Record<PropertyKey, unknown>;
    value[symbol] = bytes(50 + 50);
    Object.defineProperties(value, {
      hidden: { value: bytes(), enumerable: false, writable: false, configurable: false },
      computed: {
        get(this: Derived) {
          return this.data.length * 2;
        },
        set() {},
        enumerable: true,
        configurable: true,
      },
    });
    const copy = copyFromArena(value);
    expect(copy).toBeInstanceOf(Derived);
    expect([copy.size, copy.computed]).toEqual([123, 246]);
    expect(arenaArraysIn(copy)).toEqual([]);
    expect(Reflect.ownKeys(copy)).toEqual(Reflect.ownKeys(value));
    for (const key of Reflect.ownKeys(value)) {
      const { value: _a, ...attributes } = Reflect.getOwnPropertyDescriptor(copy, key) ?? {};
      const { value: _b, ...expected } = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
      expect(attributes, String(key)).toEqual(expected);
    }
  });

  it('keeps frozen, sealed and non-extensible as they are', () => {
    const copy = copyFromArena({
      frozen: Object.freeze({ array: bytes() }),
      frozenList: Object.freeze([bytes()]),
      sealed: Object.seal({ array: bytes() }),
      fixed: Object.preventExtensions({ array: bytes() }),
    });
    expect(arenaArraysIn(copy)).toEqual([]);
    expect(Object.isFrozen(copy.frozen) && Object.isFrozen(copy.frozenList)).toBe(true);
    expect(Object.isSealed(copy.sealed) && !Object.isFrozen(copy.sealed)).toBe(true);
    expect(Object.isExtensible(copy.fixed) || Object.isSealed(copy.fixed)).toBe(false);
  });

  it('keeps a frozen cycle', () => {
    const value: { array: Uint8Array; self?: unknown } = { array: bytes() };
    value.self = value;
    const copy = copyFromArena(Object.freeze(value));
    expect(copy.self).toBe(copy);
    expect(Object.isFrozen(copy)).toBe(true);
  });

  it('keeps the order of Maps and Sets with arena arrays as keys', () => {
    const [a, b, c] = [bytes(100, 1), bytes(100, 2), bytes(100, 3)];
    const map = copyFromArena(
      new Map<unknown, unknown>([
        [b, 'b'],
        ['x', a],
        [a, b],
        [c, 0],
      ]),
    );
    const keys = [...map.keys()] as Uint8Array[];
    expect(keys.map((key) => (typeof key === 'string' ? key : key[0]))).toEqual([
      b[0],
      'x',
      a[0],
      c[0],
    ]);
    expect(map.get(keys[2])).toBe(keys[0]);
    expect(map.get('x')).toBe(keys[2]);
    expect(map.has(a)).toBe(false);
    const set = [...copyFromArena(new Set([c, a, 1, b]))] as Uint8Array[];
    expect(set.map((item) => item[0] ?? item)).toEqual([c[0], a[0], 1, b[0]]);
    expect(arenaArraysIn([map, set])).toEqual([]);
  });

  it('keeps the class and fields of Map, Set and Array subclasses, overridden methods or not', () => {
    class Cache extends Map<string, unknown> {
      limit = 5;
      override set(_key: string, _value: unknown): this {
        throw new Error('full');
      }
      override [Symbol.iterator](): MapIterator<[string, unknown]> {
        return new Map([['not', 'mine']]).entries() as MapIterator<[string, unknown]>;
      }
    }
    class Rows extends Array<unknown> {
      width = 2;
    }
    const cache = new Cache();
    Map.prototype.set.call(cache, 'array', bytes(100, 9));
    const rows = new Rows(1, bytes(100, 8));
    rows.every = (() => expect.unreachable()) as never;
    const copy = copyFromArena({ cache, rows });
    expect(copy.cache).toBeInstanceOf(Cache);
    expect([copy.cache.limit, copy.cache.size]).toEqual([5, 1]);
    expect(isArenaArray(copy.cache.get('array'))).toBe(false);
    expect(holdsPattern(copy.cache.get('array') as Uint8Array, 9)).toBe(true);
    expect(copy.rows).toBeInstanceOf(Rows);
    expect([copy.rows.width, copy.rows.length, copy.rows[0]]).toEqual([2, 2, 1]);
    expect(isArenaArray(copy.rows[1])).toBe(false);
  });

  it('keeps holes, lengths and further properties of arrays', () => {
    const list: unknown[] & { name?: string } = [];
    list[3] = bytes();
    list[10] = 'end';
    list.length = 20;
    list.name = 'list';
    const copy = copyFromArena(list);
    expect(Object.keys(copy)).toEqual(['3', '10', 'name']);
    expect([copy.length, copy.name, isArenaArray(copy[3])]).toEqual([20, 'list', false]);
    const sparse: unknown[] = [];
    sparse[4_000_000_000] = bytes();
    expect(copyFromArena(sparse)).toHaveLength(4_000_000_001);
  });

  it('finds arena memory in a property of an array that has as many holes', () => {
    const copy = copyFromArena(Object.assign(new Array(2), { 1: 1, data: bytes() }));
    expect(isArenaArray(copy.data)).toBe(false);
    expect(Object.keys(copy)).toEqual(['1', 'data']);
  });

  it('finds arena memory in a property of an array of numbers', () => {
    for (const key of ['data', Symbol('data')]) {
      const copy = copyFromArena(Object.assign([1, 2, 3], { [key]: bytes() })) as unknown as Record<
        PropertyKey,
        unknown
      >;
      expect(isArenaArray(copy[key])).toBe(false);
      expect([...(copy as unknown as number[])]).toEqual([1, 2, 3]);
    }
  });

  it.each([
    ['objects', (inner: unknown) => ({ inner })],
    ['arrays', (inner: unknown) => [inner]],
    ['Maps', (inner: unknown) => new Map([['inner', inner]])],
    ['Sets', (inner: unknown) => new Set([inner])],
  ])('copies through 100,000 levels of %s', (_name, wrap) => {
    const unwrap = (value: unknown): unknown => {
      if (value instanceof Map) return value.get('inner');
      if (value instanceof Set) return [...value][0];
      return Array.isArray(value) ? value[0] : (value as { inner: unknown }).inner;
    };
    const array = bytes(100, 3);
    let value: unknown = array;
    for (let level = 0; level < 100_000; level++) value = wrap(value);
    let copy = copyFromArena(value);
    for (let level = 0; level < 100_000; level++) copy = unwrap(copy);
    expect(isArenaArray(copy)).toBe(false);
    expect(holdsPattern(copy as Uint8Array, 3)).toBe(true);
  });

  it('copies a hundred thousand arrays', () => {
    const list = made(() =>
      Array.from({ length: 100_000 }, (_, i) => new Float64Array(10).fill(i)),
    );
    const copy = copyFromArena(list);
    expect(copy.every((array, i) => !isArenaArray(array) && array[9] === i)).toBe(true);
  });

  it("copies arrays of another realm's kind that lie on arena memory", () => {
    const { Foreign } = vm.runInNewContext('({ Foreign: Uint16Array })') as {
      Foreign: Uint16ArrayConstructor;
    };
    const foreign = new Foreign(bytes(1000).buffer as ArrayBuffer, 10, 100);
    expect(isArenaArray(foreign)).toBe(true);
    const copy = copyFromArena(foreign);
    expect(isArenaArray(copy)).toBe(false);
    expect([...copy]).toEqual([...foreign]);
    expect(Object.getPrototypeOf(copy)).toBe(Foreign.prototype);
  });
});

describe('copyFromArena of small values', () => {
  /** Calls `onObject` with each object that can be reached without a getter, once, in order. */
  function forEachObject(root: unknown, onObject: (value: object) => void): void {
    const seen = new Set<object>();
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || seen.has(value)) return;
      seen.add(value);
      onObject(value);
      if (ArrayBuffer.isView(value)) return;
      if (types.isMap(value)) for (const entry of value) entry.forEach(visit);
      if (types.isSet(value)) value.forEach(visit);
      for (const key of Reflect.ownKeys(value)) {
        visit(Object.getOwnPropertyDescriptor(value, key)?.value);
      }
    };
    visit(root);
  }

  function objectsIn(root: unknown): Map<object, number> {
    const found = new Map<object, number>();
    forEachObject(root, (value) => found.set(value, found.size));
    return found;
  }

  /** What {@link describeGraph} does not tell: attributes, and which objects are those of `original`. */
  function describeIdentities(root: unknown, original: ReadonlyMap<object, number>): string {
    const lines: string[] = [];
    forEachObject(root, (value) => {
      lines.push(`${original.get(value) ?? 'new'} ${Object.isExtensible(value)}`);
      if (ArrayBuffer.isView(value)) return;
      for (const key of Reflect.ownKeys(value)) {
        const property = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
        const { writable, enumerable, configurable } = property;
        lines.push(`${String(key)} ${writable} ${enumerable} ${configurable}`);
      }
    });
    return lines.join('\n');
  }

  /** @returns whether anything was rebuilt */
  function checkCopy(value: unknown): boolean {
    const original = objectsIn(value);
    const copy = copyFromArena(value);
    // A symbol is nothing that small values have.
    const among = copyFromArena({ [Symbol('other')]: 1, value }).value;
    expect(describeGraph(copy)).toBe(describeGraph(among));
    expect(describeIdentities(copy, original)).toBe(describeIdentities(among, original));
    return copy !== value;
  }

  const numRuns = Number(process.env.COPY_RUNS ?? 500);

  /** So that failures tell what was made. */
  const named = <T extends object>(makeValue: T, recipe: unknown): T =>
    Object.assign(makeValue, { [fc.toStringMethod]: () => fc.stringify(recipe) });

  it.each([
    [
      'messages',
      fc.tuple(messages, fc.constantFrom(1, 65)).map(([recipe, minBytes]) => {
        const makeValue = () => {
          const world = { realm: globalThis, buffers: Buffer };
          const options = { release: 'collected', minBytes } as const;
          const { message, calls } = arena.sync(() => make(recipe, world), options);
          return { value: message, calls };
        };
        return named(makeValue, [recipe, minBytes]);
      }),
    ],
    [
      'results',
      smallValues.map((recipe) => {
        const makeValue = () => {
          const calls: string[] = [];
          const value = made(() => makeSmallValue(recipe, () => calls.push('getter')));
          return { value, calls };
        };
        return named(makeValue, recipe);
      }),
    ],
  ])(
    'is that of the same values among others, random %s',
    (_name, values) => {
      let rebuilt = 0;
      fc.assert(
        fc.property(values, (makeValue) => {
          const { value, calls } = makeValue();
          if (checkCopy(value)) rebuilt++;
          expect(calls).toEqual([]);
        }),
        { numRuns },
      );
      expect(rebuilt).toBeGreaterThan(numRuns / 10);
    },
    // It takes seconds where the machine has nothing else to do.
    60_000,
  );
});
