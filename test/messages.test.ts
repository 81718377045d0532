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
