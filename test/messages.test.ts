import v8 from 'node:v8';
import vm from 'node:vm';
import worker_threads, {
  MessageChannel,
  MessagePort,
  receiveMessageOnPort,
} from 'node:worker_threads';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { haveSameShape } from '../lib/shapes.js';
import { inChild } from './support/child.js';
import { loadArenaPirate } from './support/differential.js';
import { describeGraph } from './support/graph.js';
import { type MessageRecipe, messages } from './support/message-recipes.js';
import { make, type World } from './support/messages.js';

// Recorded before arena-pirate is loaded. The package replaces what these names stand for.
const plain = {
  world: { realm: { ...realmNow() }, buffers: { from: Buffer.from } } as unknown as World,
  structuredClone,
  postMessage: MessagePort.prototype.postMessage,
  writeValue: v8.Serializer.prototype.writeValue,
};

function realmNow(): Record<string, unknown> {
  const names = ['Uint8Array', 'Float64Array', 'BigInt64Array', 'Uint8ClampedArray', 'ArrayBuffer'];
  return Object.fromEntries(
    [...names, 'DataView'].map((name) => [name, (globalThis as Record<string, unknown>)[name]]),
  );
}

type Send = (message: unknown, transfer: ArrayBuffer[]) => unknown;

function throughPort(postMessage: typeof plain.postMessage, message: unknown, list: ArrayBuffer[]) {
  const { port1, port2 } = new MessageChannel();
  try {
    postMessage.call(port1, message, list);
    return receiveMessageOnPort(port2)?.message;
  } finally {
    port1.close();
  }
}

function throughSerializer(writeValue: typeof plain.writeValue, message: unknown) {
  const serializer = new v8.Serializer();
  serializer.writeHeader();
  writeValue.call(serializer, message);
  const deserializer = new v8.Deserializer(serializer.releaseBuffer());
  deserializer.readHeader();
  return deserializer.readValue();
}

/** The ways of sending: as in plain Node, and as they are now. */
const senders: Record<string, [Send, Send]> = {
  structuredClone: [
    (message, transfer) => plain.structuredClone(message, { transfer }),
    (message, transfer) => structuredClone(message, { transfer }),
  ],
  'MessagePort.postMessage': [
    (message, transfer) => throughPort(plain.postMessage, message, transfer),
    (message, transfer) => throughPort(MessagePort.prototype.postMessage, message, transfer),
  ],
  'v8.Serializer': [
    (message) => throughSerializer(plain.writeValue, message),
    (message) => throughSerializer(v8.Serializer.prototype.writeValue, message),
  ],
  // What is read of it may lie in Node's pool, where chance decides on the offset.
  'v8.serialize': [
    (message) => v8.serialize(message).toString('latin1'),
    (message) => v8.serialize(message).toString('latin1'),
  ],
};

/** What sending a message shows: the copy, the sender's own afterwards, and the getters' calls. */
function outcomeOf(recipe: MessageRecipe, world: World, send: Send): string {
  const { message, transfer, calls } = make(recipe, world);
  const before = describeGraph(message);
  let answer: string;
  try {
    answer = describeGraph(send(message, transfer));
  } catch (error) {
    const { name, message: text, code } = error as DOMException;
    answer = `${name} ${code}: ${text}`;
  }
  const lengths = transfer.map(({ byteLength }) => byteLength);
  // What a transfer takes away is another test's matter.
  const isSame = recipe.transfer.length > 0 || describeGraph(message) === before;
  return [answer, ...calls, `sender's own ${isSame ? 'is the same' : 'has changed'}`, lengths].join(
    '\n',
  );
}

let arenaPirate: ReturnType<typeof loadArenaPirate>;
const here: World = { realm: globalThis, buffers: Buffer };

beforeAll(() => {
  arenaPirate = loadArenaPirate();
});

describe.each(Object.entries(senders))('%s', (name, [sendPlain, send]) => {
  const numRuns = Number(process.env.MESSAGE_RUNS ?? 100);

  it.each(['collected', 'exit'] as const)(
    "brings random messages from '%s' scopes as in plain Node",
    (release) => {
      const { arena, stats } = arenaPirate;
      const before = stats().thread.captured;
      fc.assert(
        fc.property(messages, fc.constantFrom(1, 65), (recipe, minBytes) => {
          const sent = name.startsWith('v8') ? { ...recipe, transfer: [] } : recipe;
          const expected = outcomeOf(sent, plain.world, sendPlain);
          const found = arena.sync(() => outcomeOf(sent, here, send), { release, minBytes });
          expect(found).toBe(expected);
        }),
        // Shrinking a failure ends with the time, too.
        { numRuns, interruptAfterTimeLimit: 12_000 },
      );
      expect(stats().thread.captured - before).toBeGreaterThan(numRuns);
    },
  );
});

describe('looking through messages', () => {
  let kept: Uint8Array;
  beforeAll(() => {
    const { arena } = arenaPirate;
    kept = arena.sync(() => new Uint8Array(1000), { release: 'collected', copyResult: false });
  });
  const lengthOf = (array: unknown) => (array as Uint8Array).buffer.byteLength;

  it('calls no getter of a prototype that was not there when such a message was seen before', () => {
    class Point {
      constructor(
        readonly x: number,
        readonly held: unknown,
      ) {}
    }
    const messages = () => [{ x: 1, held: kept }, new Point(1, kept), { y: new Point(2, 3) }];
    const before = structuredClone(messages());
    const calls: string[] = [];
    const getter = (name: string) => ({
      enumerable: true,
      configurable: true,
      get: () => {
        calls.push(name);
        return kept;
      },
    });
    Object.defineProperty(Point.prototype, 'late', getter('Point'));
    Object.defineProperty(Object.prototype, 'late', getter('Object'));
    let after: typeof before;
    try {
      after = structuredClone(messages());
    } finally {
      delete (Object.prototype as { late?: unknown }).late;
    }
    expect(calls).toEqual([]);
    expect(after).toEqual(before);
    const [plainObject, point, third] = after;
    for (const object of [plainObject, point, (third as { y: object }).y]) {
      expect(Object.keys(object as object)).toEqual(['x', 'held']);
    }
    expect(lengthOf((plainObject as { held: unknown }).held)).toBe(1000);
    expect(structuredClone(messages())).toEqual(before);
  });

  it.each(Array.from({ length: 20 }, (_, i) => i + 1))('ends with a cycle of %i', (length) => {
    type Node = { next?: Node; held: unknown };
    const nodes: Node[] = Array.from({ length }, () => ({ held: 1 }));
    nodes.forEach((node, i) => {
      node.next = nodes[(i + 1) % length] as Node;
    });
    const [first] = nodes as [Node];
    expect(structuredClone(first).held).toBe(1);
    (nodes.at(-1) as Node).held = kept;
    let node = structuredClone(first);
    for (let i = 1; i < length; i++) node = node.next as Node;
    expect(lengthOf(node.held)).toBe(1000);
  });

  it('ends where what is shared can be come to in 2^60 ways', () => {
    let message: unknown = { held: 1 };
    for (let i = 0; i < 60; i++)
      message = i % 2 === 0 ? [message, message] : { message, too: message };
    const start = performance.now();
    structuredClone(message);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('finds the one array among many objects, of many shapes or of one', () => {
    const shapes = Array.from({ length: 100 }, (_, i) => ({ [`key${i}`]: i, held: undefined }));
    const records = Array.from({ length: 1000 }, (_, id) => ({ id, place: { x: id, held: {} } }));
    for (const index of [0, 7, 8, 50, 99]) {
      const message = shapes.map((object, i) => (i === index ? { ...object, held: kept } : object));
      expect(lengthOf(structuredClone(message)[index]?.held)).toBe(1000);
      const among = records.map((record) => ({ ...record, place: { ...record.place } }));
      (among[index * 10] as (typeof among)[0]).place.held = kept;
      expect(lengthOf(structuredClone(among)[index * 10]?.place.held)).toBe(1000);
    }
  });

  it('learns nothing for good from an object that may change', () => {
    const calls: string[] = [];
    const getter = (name: string, value: unknown) => ({
      enumerable: true,
      configurable: true,
      get: () => {
        calls.push(name);
        return value;
      },
    });
    const sent = (message: unknown) => {
      calls.length = 0;
      const copy = structuredClone(message);
      return [copy, [...calls]];
    };

    const first = { id: 1, data: null as unknown };
    structuredClone(first);
    let loaded: unknown;
    Object.defineProperty(first, 'data', {
      enumerable: true,
      get() {
        if (loaded !== undefined) return loaded;
        loaded = kept;
        return null;
      },
    });
    expect(structuredClone(first)).toEqual({ id: 1, data: null });

    const second = { second: 1 };
    structuredClone(second);
    const property = getter('own', 5);
    Object.defineProperty(second, 'second', property);
    expect(sent(second)).toEqual([{ second: 5 }, ['own']]);
    expect(sent(Object.defineProperty({ second: 2 }, 'second', property))).toEqual([
      { second: 5 },
      ['own'],
    ]);

    const third = { third: 1 };
    structuredClone(third);
    Object.setPrototypeOf(third, Object.create(null, { late: getter('inherited', 1) }));
    expect(sent(third)).toEqual([{ third: 1 }, []]);

    const fourth: Record<string, unknown> = { one: 1, two: 2 };
    structuredClone(fourth);
    delete fourth.one;
    const other = Object.defineProperty({ a: 1, b: 1 } as Record<string, unknown>, 'c', {
      ...getter('of a dictionary', 3),
    });
    delete other.a;
    expect(sent([fourth, other])).toEqual([[{ two: 2 }, { b: 1, c: 3 }], ['of a dictionary']]);
  });

  it('keeps nothing of a message alive', async () => {
    const alive = await inChild(
      async ({ arena }) => {
        const kept = arena.sync(() => new Uint8Array(1000), { copyResult: false });
        const send = (type: string) => {
          const message = { type, payload: { list: new Array(1000).fill('x') }, kept };
          structuredClone({ ...message, kept: type });
          return [new WeakRef(message.payload), new WeakRef(message.payload.list)];
        };
        const references = ['a', 'b', 'c'].flatMap(send);
        for (let i = 0; i < 10; i++) {
          await new Promise((resolve) => setImmediate(resolve));
          structuredClone({ type: 'other', payload: 1 });
          (globalThis as { gc?: () => void }).gc?.();
        }
        return references.filter((reference) => reference.deref() !== undefined).length;
      },
      { flags: ['--expose-gc'] },
    );
    expect(alive).toBe(0);
  });

  const marks = worker_threads as { markAsUncloneable?: (value: object) => void };

  it.skipIf(marks.markAsUncloneable === undefined)(
    'knows who knows of the mark of the uncloneable',
    () => {
      const marked = { held: kept };
      marks.markAsUncloneable?.(marked);
      expect(() => structuredClone(marked)).toThrow(/unsupported type/);
      const copy = throughSerializer(v8.Serializer.prototype.writeValue, marked);
      expect(lengthOf(copy.held)).toBe(1000);
    },
  );

  it('has V8 refuse what it refuses', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const message of [proxy, [proxy], { held: kept, proxy }, globalThis, { globalThis }]) {
      const refusal = (clone: typeof structuredClone) => {
        try {
          return clone(message);
        } catch (error) {
          return String(error);
        }
      };
      expect(refusal(structuredClone)).toBe(refusal(plain.structuredClone));
    }
    expect(arenaPirate.copyFromArena({ proxy, kept }).kept).toEqual(kept);
  });

  // Compiled from:
  //   (type (struct (field i32))) (type (array i32))
  //   (func (export "f") (result (ref 0)) struct.new_default 0)
  //   (func (export "g") (result (ref 1)) i32.const 3  array.new_default 1)
  const WASM_OBJECTS = [
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 18, 4, 0x5f, 1, 0x7f, 0, 0x5e, 0x7f, 1, 0x60, 0, 1, 0x64, 0,
    0x60, 0, 1, 0x64, 1, 3, 3, 2, 2, 3, 7, 9, 2, 1, 0x66, 0, 0, 1, 0x67, 0, 1, 10, 15, 2, 5, 0,
    0xfb, 1, 0, 0x0b, 7, 0, 0x41, 3, 0xfb, 7, 1, 0x0b,
  ];
  const wasm = Uint8Array.from(WASM_OBJECTS);

  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: {
      validate(bytes: Uint8Array): boolean;
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object) => { exports: Record<string, () => object> };
    };
  };

  it.skipIf(!WebAssembly.validate(wasm))("does not touch WebAssembly's objects", () => {
    const { f, g } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
    for (const object of [f?.(), g?.()]) {
      for (const message of [object, { object }, [object, kept]]) {
        expect(() => structuredClone(message)).toThrow(/could not be cloned/);
      }
      expect(arenaPirate.copyFromArena({ object })).toEqual({ object });
    }
  });

  it.each<[string, (held: unknown) => object]>([
    [
      'sets a property after it',
      (held) => ({
        get a() {
          Object.assign(this, { b: held });
          return 1;
        },
        b: null,
      }),
    ],
    [
      'sets an element after it',
      (held) => {
        const list: unknown[] = [1, 2, 3];
        return Object.defineProperty(list, 0, {
          enumerable: true,
          get() {
            list[1] = held;
            return 7;
          },
        });
      },
    ],
    [
      'deletes a property after it',
      (held) => ({
        get a() {
          delete (this as { b?: number }).b;
          return held;
        },
        b: 1,
        c: 2,
      }),
    ],
    [
      'adds a property',
      (held) => ({
        get a() {
          Object.assign(this, { late: held });
          return held;
        },
      }),
    ],
    [
      'changes another object',
      (held) => {
        const other = { x: held, y: 1 as unknown };
        return {
          get a() {
            other.y = held;
            return other;
          },
          other,
          list: [other],
        };
      },
    ],
    [
      'deletes what comes after the object that it is in',
      (held) => {
        const message: Record<string, unknown> = Object.create({ b: 'inherited' });
        message.a = {
          get x() {
            delete message.b;
            return 1;
          },
        };
        return Object.assign(message, { b: 2, c: held });
      },
    ],
    [
      'changes what has been sent, and comes again',
      (held) => {
        const other: Record<string, unknown> = { q: 1 };
        return {
          other,
          get x() {
            other.k = held;
            return 1;
          },
          again: other,
        };
      },
    ],
    [
      'adds to an object, a list, a Map, a Set and an error after it',
      (held) => {
        const object: Record<string, unknown> = { held };
        const list = [held];
        const map = new Map([['a', held]]);
        const set = new Set([held]);
        const error = new Error('before', { cause: held });
        error.stack = 'a stack';
        return {
          get a() {
            object.z = held;
            list.push(1, held);
            map.set('late', held);
            set.clear();
            error.message = 'after';
            return 1;
          },
          rest: [object, list, map, set, error],
        };
      },
    ],
    [
      'shortens a list',
      (held) => {
        const list = [held, 1, 2];
        return {
          get a() {
            list.length = 1;
            return 1;
          },
          list,
        };
      },
    ],
  ])('sees what a getter does that %s', (_name, message) => {
    const made = new Uint8Array(1000);
    expect(describeGraph(structuredClone(message(kept)))).toBe(
      describeGraph(plain.structuredClone(message(made))),
    );
    expect(describeGraph(structuredClone(message(5)))).toBe(
      describeGraph(plain.structuredClone(message(5))),
    );
  });

  it('takes its time, getters or not, by what there is', () => {
    const shared = Array.from({ length: 2000 }, (_, i) => ({ i }));
    const records = Array.from({ length: 2000 }, (_, id) => ({ id, shared }));
    const message = [
      {
        get a() {
          return 1;
        },
      },
      ...records,
    ];
    // The best of some: one alone may meet a pause of the machine's.
    const took = Array.from({ length: 5 }, () => {
      const start = performance.now();
      structuredClone(message);
      return performance.now() - start;
    });
    expect(Math.min(...took)).toBeLessThan(300);
  });

  it('runs nothing of others, and leaves the shapes of their objects as they were', () => {
    const point = (x: number, y: number) => ({ pointX: x, pointY: y });
    const before = point(1.5, 2.5);
    structuredClone(point(Number.NaN, 2.5));
    structuredClone(Object.freeze(point(Number.NaN, 2.5)));
    expect(haveSameShape(point(1.5, 2.5), before)).toBe(true);

    const toJSON = { configurable: true, value: () => expect.fail('called') };
    Object.defineProperty(Object.prototype, 'toJSON', toJSON);
    try {
      expect(structuredClone({ toldX: {}, toldY: 1 })).toEqual({ toldX: {}, toldY: 1 });
    } finally {
      delete (Object.prototype as { toJSON?: unknown }).toJSON;
    }
  });

  it('looks at names and getters of arrays of all kinds, however long', () => {
    const length = 20_000;
    const numbers = Array.from({ length }, (_, i) => i);
    class Rows extends Array {}
    const makers: (() => unknown[])[] = [
      () => [...numbers],
      () => vm.runInNewContext(`Array.from({ length: ${length} }, (_, i) => i)`),
      () => Rows.from(numbers),
      () => Object.assign(new Array(length), { 0: 1, 2: 3 }),
    ];
    for (const make of makers) {
      const named = Object.freeze(Object.assign(make(), { name: kept }));
      expect(lengthOf(structuredClone(named).name)).toBe(1000);
      const element = make();
      element[length - 1] = kept;
      expect(lengthOf(structuredClone(Object.freeze(element))[length - 1])).toBe(1000);
      let calls = 0;
      const got = Object.defineProperty(make(), 5, {
        enumerable: true,
        get: () => {
          calls++;
          return kept;
        },
      });
      expect(lengthOf(structuredClone(got)[5])).toBe(1000);
      expect(calls).toBe(1);
    }
  });
});
