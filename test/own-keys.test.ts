// What has been put on typed arrays, found without listing their elements.
import { copyFromArena } from 'arena-pirate';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { made } from './support/arena-values.js';

const LENGTH = 300;

class Matrix extends Float64Array {}

// Before the package is loaded, which keeps what it finds.
const listed = vi.hoisted(() => {
  const { getOwnPropertyNames } = Object;
  const listed = { arrays: 0 };
  Object.getOwnPropertyNames = (object) => {
    if (ArrayBuffer.isView(object)) listed.arrays++;
    return getOwnPropertyNames(object);
  };
  return listed;
});

/** How often the keys of a typed array have been listed while `fn` ran. */
function listings(fn: () => void): number {
  listed.arrays = 0;
  fn();
  return listed.arrays;
}

function expectAlike(copy: object, original: object): void {
  // `toEqual` would ask getters, and not see attributes.
  const own = (object: object) =>
    Reflect.ownKeys(object)
      .slice(LENGTH)
      .map((key) => [key, Object.getOwnPropertyDescriptor(object, key)]);
  expect(own(copy)).toEqual(own(original));
  expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(original));
  expect(Object.isExtensible(copy)).toBe(Object.isExtensible(original));
}

function checkCopy(original: object): void {
  expectAlike(copyFromArena(original), original);
}

describe('what has been put on a typed array', () => {
  it('is found without listing the elements where the class is known, or arrays with the same on them', () => {
    const [bare, other] = made(() => [new Matrix(LENGTH), new Matrix(LENGTH)]);
    expect(listings(() => checkCopy(bare as Matrix))).toBe(0);
    const withFields = (rows: number) =>
      made(() => Object.assign(new Matrix(LENGTH), { rows, unit: 'm', [Symbol.for('s')]: true }));
    expect(listings(() => checkCopy(withFields(1)))).toBe(1);
    expect(listings(() => checkCopy(withFields(2)))).toBe(0);
    expect(listings(() => checkCopy(other as Matrix))).toBe(0);
  });

  it('is found so on arrays and Buffers of no class of their own, and of one that is no subclass', () => {
    function Old() {}
    Object.setPrototypeOf(Old.prototype, Uint8Array.prototype);
    const makers = [
      () => new Uint16Array(LENGTH),
      () => Buffer.alloc(LENGTH),
      () => Object.setPrototypeOf(new Uint8Array(LENGTH), Old.prototype) as Uint8Array,
    ];
    for (const make of makers) {
      const withFields = (rows: number) =>
        made(() => Object.assign(make(), { rows, shape: [rows], show: () => rows }));
      checkCopy(withFields(1));
      expect(listings(() => checkCopy(withFields(2)))).toBe(0);
    }
  });

  it('is listed each time where its shape comes of more than can be put on a copy', () => {
    class Secretive extends Matrix {
      #secret = 1;
      rows = this.#secret;
    }
    for (let i = 0; i < 20; i++) {
      const original = made(() => new Secretive(LENGTH));
      expect(listings(() => checkCopy(original))).toBe(1);
    }
    expect(listings(() => checkCopy(made(() => new Matrix(LENGTH))))).toBe(0);
  });

  it('is found for more kinds of it than are remembered', () => {
    class Own extends Uint8Array {}
    for (let i = 0; i < 3; i++) {
      for (let kind = 0; kind < 20; kind++) {
        checkCopy(made(() => Object.assign(new Own(LENGTH), { [`key${kind}`]: kind })));
      }
      checkCopy(made(() => new Own(LENGTH)));
    }
    expect(listings(() => checkCopy(made(() => new Own(LENGTH))))).toBe(0);
  });

  it('is not kept alive by what stands for it', async () => {
    const held = new WeakRef({});
    const withFields = (value: unknown) =>
      made(() => Object.assign(new Matrix(LENGTH), { held: value }));
    const original = withFields(held.deref());
    checkCopy(original);
    expect(listings(() => checkCopy(withFields('text')))).toBe(0);
    delete (original as { held?: unknown }).held;
    await new Promise((resolve) => setTimeout(resolve));
    globalThis.gc?.();
    expect(held.deref()).toBeUndefined();
  });

  it('is found where no array can stand for it, and no code of users runs for that', () => {
    const calls: string[] = [];
    const spy = (name: string) => new Proxy({}, { get: () => calls.push(name) });
    const watched = (target: object) =>
      new Proxy(target, new Proxy({}, { get: (_, trap) => void calls.push(String(trap)) }));
    function* generator() {}
    Object.defineProperty(generator.prototype, 'constructor', { value: generator });
    const prototypes = [
      null,
      watched(Float64Array.prototype),
      Object.create(Float64Array.prototype),
      Object.create(Float64Array.prototype, { constructor: { get: () => calls.push('getter') } }),
      Object.create(Float64Array.prototype, { constructor: { value: watched(class {}) } }),
      Object.create(Float64Array.prototype, { constructor: { value: Map } }),
      Object.setPrototypeOf(generator.prototype, Float64Array.prototype),
      Object.assign(Object.create(Float64Array.prototype), { constructor: spy('spy') }),
    ];
    for (const prototype of prototypes) {
      const original = made(() => Object.assign(new Float64Array(LENGTH), { rows: 3 }));
      Object.setPrototypeOf(original, prototype);
      const before = calls.length;
      const copy = copyFromArena({ original }).original;
      expect(calls.length).toBe(before);
      Object.setPrototypeOf(original, Float64Array.prototype);
      Object.setPrototypeOf(copy, Float64Array.prototype);
      expectAlike(copy, original);
      calls.length = 0;
    }
  });

  it('is that of each array, whatever others of its class have on them', () => {
    const keys = ['a', 'b', 'c', 'length', Symbol.for('a')];
    const attributes = fc.record({
      key: fc.constantFrom(...keys),
      value: fc.constantFrom(1, 1.5, 'text', null, undefined, {}, 'x'.repeat(200)),
      enumerable: fc.boolean(),
      writable: fc.boolean(),
      configurable: fc.constant(true),
      isGetter: fc.nat(9).map((n) => n === 0),
      isDeleted: fc.nat(9).map((n) => n === 0),
    });
    const recipe = fc.record({
      fields: fc.array(attributes, { maxLength: 6 }),
      many: fc.nat(19).map((n) => n === 0),
      isExtensible: fc.nat(3).map((n) => n > 0),
    });
    fc.assert(
      fc.property(fc.array(recipe, { maxLength: 12 }), (recipes) => {
        class Own extends Uint8Array {}
        for (const { fields, many, isExtensible } of recipes) {
          const original = made(() => new Own(LENGTH));
          for (const { key, value, isGetter, isDeleted, ...how } of fields) {
            const { enumerable, configurable } = how;
            const field = isGetter
              ? { get: () => value, enumerable, configurable }
              : { value, ...how };
            Object.defineProperty(original, key, field);
            if (isDeleted) Reflect.deleteProperty(original, key);
          }
          if (many) for (let i = 0; i < 1500; i++) Object.assign(original, { [`key${i}`]: i });
          if (!isExtensible) Object.preventExtensions(original);
          checkCopy(original);
        }
      }),
      { numRuns: 200 },
    );
  });
});
