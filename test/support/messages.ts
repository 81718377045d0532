// Makes messages of recipes.
import vm from 'node:vm';
import type { MessageRecipe, Recipe } from './message-recipes.js';

/** What arrays are made with; a world of plain Node has the constructors as they were. */
export interface World {
  readonly realm: typeof globalThis;
  readonly buffers: Pick<BufferConstructor, 'from'>;
}

class Instance {
  readonly #secret = 1;
  get onPrototype() {
    return this.#secret;
  }
}

class Holder {
  constructor(
    readonly index: number,
    readonly held: unknown,
  ) {}
}

class OwnError extends Error {
  override readonly name = 'OwnError';
}

const foreign = vm.runInNewContext('({ list: [1, 2], bytes: new Uint8Array([1, 2, 3]) })');

/** A message that has been made, with all there is to check about it. */
export interface Made {
  readonly message: unknown;
  readonly transfer: ArrayBuffer[];
  /** What its getters have been called for, in order. */
  readonly calls: string[];
}

type ArrayMaker = new (
  source: number | ArrayBuffer,
  offset?: number,
  length?: number,
) => Uint8Array;

/** Makes a message of its recipe. */
export function make({ bases, message: root, transfer }: MessageRecipe, world: World): Made {
  const { realm, buffers } = world;
  const maker = (name: string) =>
    (realm as unknown as Record<string, ArrayMaker>)[name] as ArrayMaker;
  const arrays = bases.map(({ type, length, source }, index) => {
    const Maker = maker(type);
    const array = (
      source === 'buffer'
        ? // Small ones may lie in Node's pool, where chance decides on the offset.
          buffers.from('x'.repeat(Math.max(length, 40_000)), 'latin1')
        : source === 'ArrayBuffer'
          ? new Maker(new realm.ArrayBuffer(length * 8))
          : new Maker(length)
    ) as Uint8Array;
    const element = typeof (array[0] as unknown) === 'bigint' ? BigInt : Number;
    const filled = Math.min(array.length, 2000);
    for (let i = 0; i < filled; i++) array[i] = element((i * 7 + index) % 251) as number;
    return array;
  });
  const base = (index: number) => arrays[index % arrays.length] as Uint8Array;
  const calls: string[] = [];
  const objects: object[] = [];

  // As classes are made without `class`: all on the prototype is enumerable.
  const oldPrototype = {
    method() {},
    get onPrototype() {
      calls.push('getter on the prototype');
      return base(0);
    },
  };
  const guard = new Proxy(
    {},
    new Proxy(
      {},
      {
        // The name of its class is asked for to describe it.
        get: (_, trap) => (target: object, key: unknown) => {
          if (key === 'constructor') return undefined;
          calls.push(`${String(trap)} of the prototype`);
          return Reflect.get(Reflect, trap)(target, key);
        },
      },
    ),
  );

  const fill = (target: object, recipe: Extract<Recipe, { properties: unknown }>) => {
    for (const [key, part, how] of recipe.properties) {
      const value = build(part);
      const name = how === 'symbol' ? Symbol.for(key) : key;
      if (Array.isArray(target) && key === 'length') continue;
      Object.defineProperty(target, name, {
        enumerable: how !== 'hidden',
        configurable: true,
        ...(how === 'getter'
          ? {
              get(this: unknown) {
                calls.push(`${key} of ${this === target ? 'itself' : 'another'}`);
                return value;
              },
            }
          : { value, writable: true }),
      });
    }
  };

  const binary = (kind: string, array: Uint8Array, at: number): object => {
    const from = Math.min(at, array.length - 1);
    if (kind === 'array') return array;
    if (kind === 'subarray') return array.subarray(from, from + 1 + (at % 7));
    if (kind === 'whole') return array.buffer;
    if (kind === 'view') return new realm.DataView(array.buffer, array.byteOffset + from);
    if (kind === 'buffer') {
      return Buffer.from(array.buffer as ArrayBuffer, array.byteOffset + from, 1);
    }
    class Own extends maker('Uint8Array') {
      field = array;
    }
    return new Own(array.buffer as ArrayBuffer, array.byteOffset);
  };

  const build = (recipe: Recipe): unknown => {
    const value = buildOne(recipe);
    if ('frozen' in recipe && recipe.frozen) Object.freeze(value);
    return value;
  };

  const register = <T extends object>(value: T): T => {
    objects.push(value);
    return value;
  };

  const buildOne = (recipe: Recipe): unknown => {
    switch (recipe.make) {
      case 'primitive':
        return recipe.value;
      case 'symbol':
        return Symbol('x');
      case 'function':
        return function named() {};
      case 'promise':
        return Object.assign(Promise.resolve(), { array: base(0) });
      case 'proxy':
        return new Proxy({ array: base(0) }, {});
      case 'weakmap':
        return new WeakMap();
      case 'generator':
        return (function* () {})();
      case 'arguments':
        return (function (..._: unknown[]) {
          // biome-ignore lint/complexity/noArguments: just that is to be sent
          return arguments;
        })(base(0));
      case 'date':
        return Object.assign(new Date(5), { array: base(0) });
      case 'regexp':
        return Object.assign(/x/g, { array: base(0) });
      case 'boxed':
        return Object.assign(Object('text'), { array: base(0) });
      case 'blob':
        return Object.assign(new Blob(['x']), { array: base(0) });
      case 'emitter':
        return Object.assign(new EventTarget(), { array: base(0) });
      case 'foreign':
        return { ...foreign, array: base(0) };
      case 'again':
        return objects.length === 0 ? 0 : objects[recipe.which % objects.length];
      case 'list': {
        const list: unknown[] = register([]);
        for (const item of recipe.items) list.push(build(item));
        return list;
      }
      case 'sparse': {
        const list: unknown[] = register([]);
        recipe.items.forEach((item, i) => {
          list[i * i * 3 + 1] = build(item);
        });
        return list;
      }
      case 'set': {
        const set = register(new Set());
        for (const item of recipe.items) set.add(build(item));
        return set;
      }
      case 'records':
      case 'instances':
      case 'dates': {
        const list: unknown[] = register([]);
        recipe.items.forEach((item, index) => {
          const held = build(item);
          if (recipe.make === 'records') list.push(register({ index, held }));
          else if (recipe.make === 'instances') list.push(register(new Holder(index, held)));
          else list.push(Object.assign(new Date(index), { held }));
        });
        return list;
      }
      case 'map': {
        const map = register(new Map());
        for (const [key, value] of recipe.entries) map.set(build(key), build(value));
        return map;
      }
      case 'object':
      case 'instance':
      case 'old instance':
      case 'guarded':
      case 'bare':
      case 'named list': {
        const target = register(
          {
            object: () => ({}),
            instance: () => new Instance(),
            'old instance': () => Object.create(oldPrototype),
            guarded: () => Object.create(guard),
            bare: () => Object.create(null),
            'named list': () => [1, 2],
          }[recipe.make](),
        );
        fill(target, recipe);
        return target;
      }
      case 'error': {
        const Maker = { Error, RangeError, own: OwnError }[recipe.type];
        const error = register(new Maker('message'));
        error.stack = `the stack of a ${recipe.type}`;
        error.cause = build(recipe.cause);
        return Object.assign(error, { extra: build(recipe.extra) });
      }
      default:
        return register(binary(recipe.make, base(recipe.base), recipe.at));
    }
  };

  return {
    message: build(root),
    transfer: transfer.map((index) => base(index).buffer as ArrayBuffer),
    calls,
  };
}
