import v8 from 'node:v8';
import { MessageChannel, MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
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
  const numRuns = Number(process.env.ARENA_PIRATE_FUZZ_RUNS ?? 100);

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
});
