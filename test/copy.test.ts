import { EventEmitter } from 'node:events';
import { arena, copyFromArena, isArenaArray } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { bytes, made } from './support/arena-values.js';
import { typedArrayNames, typedArrays } from './support/kinds.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { SERVES_ARRAY_BUFFERS } from './support/served.js';

const MIB = 2 ** 20;

describe('copyFromArena of one array', () => {
  it.each(typedArrayNames)('copies a %s with its class and elements', (name) => {
    const Kind = typedArrays[name];
    const list = Array.from({ length: 300 }, (_, i) => (name.startsWith('Big') ? BigInt(i) : i));
    const original = made(() => new Kind(list));
    expect(isArenaArray(original)).toBe(true);
    const copy = copyFromArena(original);
    expect(isArenaArray(copy)).toBe(false);
    expect(Object.getPrototypeOf(copy)).toBe(Kind.prototype);
    expect(copy).toEqual(original);
    expect(copy.byteOffset).toBe(0);
    expect(copy.buffer.byteLength).toBe(original.byteLength);
    expect(isArenaArray(copy.buffer)).toBe(false);
  });

  it('copies Buffers to Buffers', () => {
    const copy = copyFromArena(made(() => fillPattern(Buffer.alloc(1000), 3)));
    expect(Buffer.isBuffer(copy) && !isArenaArray(copy)).toBe(true);
    expect(holdsPattern(copy, 3)).toBe(true);
    expect(copy.buffer.byteLength).toBe(1000);
  });

  it('copies an ArrayBuffer, one of its own and one of an array', () => {
    for (const buffer of [made(() => new ArrayBuffer(2 * MIB)), bytes(5000).buffer]) {
      new Uint8Array(buffer).fill(9);
      const copy = copyFromArena(buffer);
      expect(copy).toBeInstanceOf(ArrayBuffer);
      expect(isArenaArray(copy)).toBe(false);
      expect(copy.byteLength).toBe(buffer.byteLength);
      expect(new Uint8Array(copy).every((byte) => byte === 9)).toBe(true);
    }
  });

  it('copies a DataView with its offset and length', () => {
    const array = bytes(1000, 4);
    const copy = copyFromArena(new DataView(array.buffer, array.byteOffset + 10, 100));
    expect(copy).toBeInstanceOf(DataView);
    expect([copy.byteOffset, copy.byteLength, copy.buffer.byteLength]).toEqual([10, 100, 1000]);
    expect(copy.getUint8(5)).toBe(array[15]);
    expect(isArenaArray(copy)).toBe(false);
  });

  it('asks a DataView for nothing that its class says', () => {
    class Reader extends DataView<ArrayBuffer> {}
    const get = () => expect.fail('asked');
    for (const name of ['buffer', 'byteOffset', 'byteLength']) {
      Object.defineProperty(Reader.prototype, name, { get });
    }
    const array = bytes(1000, 4);
    const copy = copyFromArena(new Reader(array.buffer, 10, 100));
    expect(copy.getUint8(5)).toBe(array[15]);
    expect(() => copy.getUint8(100)).toThrow(RangeError);
    expect(isArenaArray(new Reader(array.buffer))).toBe(true);
  });

  it.each<[string, (array: Uint8Array, buffer: ArrayBuffer) => object]>([
    ['the buffer', (_, buffer) => ({ buffer })],
    ['the buffer, then its array', (array, buffer) => ({ buffer, array })],
    ['its array, then the buffer', (array, buffer) => ({ array, buffer })],
    ['a list', (array, buffer) => [array, buffer, new Array(100).fill(array)]],
    ['another array of it', (_, buffer) => ({ buffer, view: new Uint8Array(buffer) })],
    ['a DataView of it', (_, buffer) => ({ buffer, view: new DataView(buffer) })],
  ])('leaves what has been detached as it is: %s', (_name, make) => {
    const array = bytes(1000, 4);
    const buffer = array.buffer as ArrayBuffer;
    const value = make(array, buffer);
    structuredClone(buffer, { transfer: [buffer] });
    const copy = copyFromArena(value) as Record<PropertyKey, unknown>;
    for (const [key, part] of Object.entries(copy)) {
      if (part === array) expect.fail(`${key} was not copied`);
      if (Array.isArray(part)) expect(part.every((each) => each === copy[0])).toBe(true);
      else if (part instanceof ArrayBuffer) expect(part).toBe(buffer);
      else if (key === 'view') expect(part).toBe((value as { view: unknown }).view);
      else if (part instanceof Uint8Array) expect(holdsPattern(part, 4)).toBe(true);
    }
    expect(isArenaArray(buffer)).toBe(false);
  });

  it('copies a subarray with the whole buffer it is a view of, as plain code would see it', () => {
    const copy = copyFromArena(bytes(1000, 5).subarray(100, 200));
    expect([copy.byteOffset, copy.length, copy.buffer.byteLength]).toEqual([100, 100, 1000]);
    expect(holdsPattern(new Uint8Array(copy.buffer as ArrayBuffer), 5)).toBe(true);
  });

  it('copies an array of megabytes, and an empty view of an arena array', () => {
    const large = copyFromArena(bytes(5 * MIB, 6));
    expect(!isArenaArray(large) && holdsPattern(large, 6)).toBe(true);
    const empty = copyFromArena(bytes().subarray(7, 7));
    expect([isArenaArray(empty), empty.length]).toEqual([false, 0]);
  });

  it('keeps the class and the fields of subclasses', () => {
    const symbol = Symbol('s');
    class Matrix extends Float64Array {
      rows = 3;
      declare name?: string;
      [symbol] = 'symbol';
      get columns() {
        return this.length / this.rows;
      }
    }
    const original = made(() => new Matrix(300));
    Object.defineProperty(original, 'hidden', { value: { a: 1 }, enumerable: false });
    original[5] = 5;
    const copy = copyFromArena(original) as Matrix & { hidden: unknown };
    expect(copy).toBeInstanceOf(Matrix);
    expect(isArenaArray(original) && !isArenaArray(copy)).toBe(true);
    expect([copy.rows, copy.columns, copy[symbol], copy[5]]).toEqual([3, 100, 'symbol', 5]);
    expect(Object.getOwnPropertyDescriptor(copy, 'hidden')).toEqual(
      Object.getOwnPropertyDescriptor(original, 'hidden'),
    );
  });

  it('copies what was put on an array, a Buffer, a DataView or an ArrayBuffer', () => {
    const all = made(() => [
      new Float32Array(300),
      Buffer.alloc(300),
      new DataView(new Uint8Array(300).buffer),
      new Uint8Array(300).buffer,
      new Uint8Array(300).subarray(1),
    ]);
    for (const array of all) {
      const mask = bytes(100);
      const original = Object.assign(array, { shape: [10, 30], mask });
      Object.defineProperty(original, 'hidden', { value: 5 });
      // What is like it and has nothing on it must not be taken for it.
      copyFromArena(made(() => new Float32Array(300)));
      for (const copy of [copyFromArena(original), copyFromArena([original])[0] as typeof array]) {
        expect(Reflect.ownKeys(copy)).toEqual(Reflect.ownKeys(original));
        expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(original));
        expect(copy).toHaveProperty('shape', [10, 30]);
        const copied = (copy as typeof original).mask;
        expect([isArenaArray(copied), isArenaArray(copy)]).toEqual([false, false]);
        expect(copied).toEqual(mask);
      }
      expect(original.mask).toBe(mask);
    }
  });

  it('asks nothing of what arrays inherit', () => {
    const list = Array.from({ length: 30 }, (_, i) => (i === 20 ? bytes() : {}));
    const { every } = Array.prototype;
    let copy: typeof list;
    try {
      Array.prototype.every = (() => true) as unknown as typeof every;
      copy = copyFromArena(list);
    } finally {
      Array.prototype.every = every;
    }
    expect(isArenaArray(copy[20])).toBe(false);
  });

  it('leaves Proxies alone, revoked ones too', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const result = arena.sync(() => ({ proxy, array: new Uint8Array(1000) }), { release: 'exit' });
    expect(isArenaArray(result.array)).toBe(false);
    expect(result.proxy === proxy).toBe(true);
  });

  it('keeps what may not be added to so', () => {
    const sealed = made(() => Object.preventExtensions(new Float32Array(300)));
    expect(Object.isExtensible(copyFromArena(sealed))).toBe(false);
    expect(Object.isExtensible(copyFromArena(bytes(300)))).toBe(true);
  });

  it('copies arena arrays in the fields of a subclass', () => {
    class Image extends Uint8Array {
      palette = new Uint8Array(768);
    }
    const copy = copyFromArena(made(() => new Image(1000)));
    expect(isArenaArray(copy)).toBe(false);
    expect(isArenaArray(copy.palette)).toBe(false);
  });

  it('never changes the original', () => {
    const original = bytes(1000, 7);
    const { buffer } = original;
    copyFromArena(original).fill(0);
    expect(holdsPattern(original, 7)).toBe(true);
    expect(original.buffer).toBe(buffer);
    expect(isArenaArray(original)).toBe(true);
  });
});

describe('copyFromArena without arena memory', () => {
  class Point {
    #secret = 1;
    x = this.#secret;
  }
  it.each([
    ['a primitive', 5],
    ['null', null],
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    ['a plain array', new Uint8Array(1000)],
    ['a Buffer', Buffer.alloc(1000)],
    ['a DataView', new DataView(new ArrayBuffer(8))],
    ['a SharedArrayBuffer', new SharedArrayBuffer(1000)],
    ['a view of shared memory', new Int32Array(new SharedArrayBuffer(1000))],
    ['an object', { a: { b: [1, new Uint8Array(100)] } }],
    ['an instance with private fields', new Point()],
    ['a Map', new Map([[{}, [new Set([1])]]])],
    ['a promise', Promise.resolve(1)],
    ['an error', new Error('x')],
    ['a date', new Date()],
    ['globalThis', globalThis],
  ])('returns %s as it is', (_name, value) => {
    expect(copyFromArena(value)).toBe(value);
    expect(copyFromArena([value])).toEqual([value]);
    const list = [value];
    expect(copyFromArena(list)).toBe(list);
  });

  it('returns a long list of numbers as it is', () => {
    const list = Array.from({ length: 100_000 }, (_, i) => i);
    expect(copyFromArena(list)).toBe(list);
  });

  it('refers to the parts without arena memory', () => {
    const plain = { numbers: [1, 2, 3], map: new Map() };
    const value = { plain, deep: { array: bytes(), plain } };
    const copy = copyFromArena(value);
    expect(copy).not.toBe(value);
    expect(copy.plain).toBe(plain);
    expect(copy.deep.plain).toBe(plain);
    expect(copy.deep).not.toBe(value.deep);
  });

  it('does not look into what owns a resource or hides its state', () => {
    class Connection extends EventEmitter {
      buffer = bytes();
    }
    const values = [
      new Connection(),
      Object.assign(new Error('x'), { data: bytes() }),
      Object.assign(Promise.resolve(), { data: bytes() }),
      new Proxy({ data: bytes() }, {}),
      new WeakMap([[{}, bytes()]]),
      new WeakRef(bytes()),
      Object.assign(() => {}, { data: bytes() }),
    ];
    for (const value of values) expect(copyFromArena(value)).toBe(value);
  });

  it('calls no getter and no trap', () => {
    const calls: string[] = [];
    const value = {
      get array() {
        calls.push('get');
        return bytes();
      },
      proxy: new Proxy(
        {},
        {
          ownKeys() {
            calls.push('ownKeys');
            return [];
          },
          get() {
            calls.push('trap');
          },
        },
      ),
      data: bytes(),
    };
    const copy = copyFromArena(value);
    expect(calls).toEqual([]);
    expect(copy.proxy).toBe(value.proxy);
    expect(Object.getOwnPropertyDescriptor(copy, 'array')).toEqual(
      Object.getOwnPropertyDescriptor(value, 'array'),
    );
  });
});

describe('isArenaArray', () => {
  it('is true of everything that lies in an arena', () => {
    const array = bytes(1000);
    const all = made(() => [
      ...typedArrayNames.map((name) => new typedArrays[name](100)),
      Buffer.alloc(100),
      ...(SERVES_ARRAY_BUFFERS ? [new ArrayBuffer(2 * MIB)] : []),
      new Uint8Array(5 * MIB),
      array,
      array.subarray(3, 3),
      array.buffer,
      new DataView(array.buffer, 5),
      new Uint8Array(array.buffer),
    ]);
    for (const value of all) expect(isArenaArray(value), String(value.constructor)).toBe(true);
  });

  it('is false of everything else, and never throws', () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('trap');
        },
        getPrototypeOf() {
          throw new Error('trap');
        },
      },
    );
    const others = [
      undefined,
      null,
      0,
      'text',
      Symbol('s'),
      10n,
      () => {},
      {},
      [bytes()],
      new Uint8Array(1000),
      Buffer.alloc(1000),
      Buffer.from('x'),
      new ArrayBuffer(5 * MIB),
      new DataView(new ArrayBuffer(8)),
      new SharedArrayBuffer(1000),
      new Uint8Array(new SharedArrayBuffer(1000)),
      new Proxy(bytes(), {}),
      Object.create(bytes()),
      { buffer: bytes().buffer },
      hostile,
      copyFromArena(bytes()),
    ];
    for (const value of others) expect(isArenaArray(value)).toBe(false);
  });
});
