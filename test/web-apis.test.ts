import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  BroadcastChannel,
  MessageChannel,
  receiveMessageOnPort,
  setEnvironmentData,
  Worker,
} from 'node:worker_threads';
import { arena, isArenaArray, type Release } from 'arena-pirate';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ChildResult, runChild } from './support/child.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { packageRoot } from './support/run.js';

const MIB = 2 ** 20;
const PROGRAM = join(packageRoot, 'test/support/web-apis.mjs');

describe('Web and Node APIs', () => {
  const runProgram = (...args: (Release | 'after')[]) =>
    runChild([process.execPath, PROGRAM, ...args]);
  let plain: ChildResult;

  beforeAll(async () => {
    plain = await runProgram();
  });

  it('work in plain Node, as the program uses them', () => {
    expect(plain).toMatchObject({ status: 0, stderr: '' });
    const lines = plain.stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => /: "\w*Error\b/.test(line))).toEqual([]);
  });

  it.each(['collected', 'exit'] as const)(
    'give the same answers in a scope (%s)',
    async (release) => {
      const { status, stdout, stderr } = await runProgram(release);
      expect(stdout.split('\n')).toEqual(plain.stdout.split('\n'));
      expect(status).toBe(0);
      expect(Number(/^captured: (\d+)$/m.exec(stderr)?.[1])).toBeGreaterThan(50);
    },
  );

  it('give the same answers about arrays of a scope that has ended', async () => {
    const { status, stdout, stderr } = await runProgram('collected', 'after');
    expect(stdout.split('\n')).toEqual(plain.stdout.split('\n'));
    expect(status).toBe(0);
    expect(stderr).toMatch(/^captured: [5-9]$/m);
  });
});

const bytes = (length = 1000, seed = 1) =>
  arena.sync(() => {
    // Neighbours, whose bytes must not travel along.
    new Uint8Array(500).fill(0xee);
    const array = fillPattern(new Uint8Array(length), seed);
    new Uint8Array(500).fill(0xee);
    return array;
  });

/** Fails unless `array` is a copy with just the bytes of an array from {@link bytes}. */
function expectArrival(array: Uint8Array, length = 1000, seed = 1): void {
  expect([array.length, array.byteOffset, array.buffer.byteLength]).toEqual([length, 0, length]);
  expect(isArenaArray(array)).toBe(false);
  expect(holdsPattern(array, seed)).toBe(true);
}

/** Sends `message` through a MessageChannel. */
function throughChannel<T>(message: T, transfer: readonly ArrayBuffer[] = []): T {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(message, transfer);
    return receiveMessageOnPort(port2)?.message;
  } finally {
    port1.close();
  }
}

describe.each([
  ['structuredClone', structuredClone],
  ['MessagePort.postMessage', throughChannel],
])('%s', (_name, send) => {
  it.each([65, 1000, 3 * MIB])('brings exactly the %d bytes of an array', (length) => {
    expectArrival(send(bytes(length)), length);
  });

  it('brings Buffers, DataViews, ArrayBuffers and wider elements', () => {
    const message = arena.sync(() => ({
      buffer: Buffer.alloc(1000, 7),
      view: new DataView(bytes().buffer, 100, 50),
      whole: bytes().buffer,
      floats: new Float64Array(200).fill(1.5),
    }));
    const { buffer, view, whole, floats } = send(message);
    expect([...buffer]).toEqual(Array(1000).fill(7));
    expect([view.byteOffset, view.byteLength, view.buffer.byteLength]).toEqual([100, 50, 1000]);
    expectArrival(new Uint8Array(whole));
    expect([...floats]).toEqual(Array(200).fill(1.5));
  });

  it('keeps sharing and cycles', () => {
    const array = bytes();
    interface Message {
      array: Uint8Array;
      again: Uint8Array;
      sub: Uint8Array;
      buffer: ArrayBufferLike;
      self?: Message;
    }
    const message: Message = {
      array,
      again: array,
      sub: array.subarray(10, 20),
      buffer: array.buffer,
    };
    message.self = message;
    const copy = send(message);
    expectArrival(copy.array);
    expect(copy.again).toBe(copy.array);
    expect(copy.sub.buffer).toBe(copy.buffer);
    expect(copy.array.buffer).toBe(copy.buffer);
    expect([copy.sub.byteOffset, copy.sub.length]).toEqual([10, 10]);
    expect(copy.self).toBe(copy);
  });

  it('finds arrays in Maps and Sets', () => {
    const copy = send(new Map([['set', new Set([bytes()])]]));
    const [array] = copy.get('set') ?? [];
    expectArrival(array as Uint8Array);
  });

  it('keeps the holes and the length of a long list', () => {
    const list: unknown[] = new Array(20_000);
    list[5] = bytes();
    const copy = send(list);
    expectArrival(copy[5] as Uint8Array);
    expect(Object.keys(copy)).toEqual(['5']);
    expect(copy).toHaveLength(20_000);
  });

  it('changes nothing for the sender', () => {
    const array = bytes();
    const message = { array, list: [array] };
    const copy = send(message);
    copy.array.fill(0);
    expect(message.array).toBe(array);
    expect(message.list[0]).toBe(array);
    expect(isArenaArray(array)).toBe(true);
    expect(holdsPattern(array, 1)).toBe(true);
  });

  it('refuses what cannot be cloned as ever, and the array stays', () => {
    const array = bytes();
    expect(() => send({ array, fn() {} })).toThrow(
      expect.objectContaining({ name: 'DataCloneError' }),
    );
    expect(holdsPattern(array, 1)).toBe(true);
  });
});

describe.each([
  ['structuredClone', (message, transfer) => structuredClone(message, { transfer })],
  ['MessagePort.postMessage', throughChannel],
] as [string, <T>(message: T, transfer: ArrayBuffer[]) => T][])(
  'transferring with %s',
  (_name, send) => {
    it.each([1000, 3 * MIB])('brings the %d bytes and detaches the buffer', (length) => {
      const array = bytes(length);
      const buffer = array.buffer;
      expectArrival(send({ array }, [buffer]).array, length);
      expect(buffer.byteLength).toBe(0);
    });

    it('keeps what the message shares with the list', () => {
      const array = bytes();
      const copy = send({ array, buffer: array.buffer, sub: array.subarray(5) }, [array.buffer]);
      expect(copy.array.buffer).toBe(copy.buffer);
      expect(copy.sub.buffer).toBe(copy.buffer);
      expectArrival(copy.array);
    });

    it('takes ordinary and arena buffers in one list', () => {
      const [ours, ordinary] = [bytes(), fillPattern(new Uint8Array(1000), 2)];
      const copy = send({ ours, ordinary }, [ours.buffer, ordinary.buffer]);
      expectArrival(copy.ours);
      expectArrival(copy.ordinary, 1000, 2);
      expect(ordinary.byteLength).toBe(0);
    });

    it('leaves the neighbours of a transferred array their bytes', () => {
      const arrays = arena.sync(() => [1, 2, 3].map((i) => fillPattern(new Uint8Array(1000), i)));
      const middle = arrays[1] as Uint8Array<ArrayBuffer>;
      send(middle, [middle.buffer]);
      expect(holdsPattern(arrays[0] as Uint8Array, 1)).toBe(true);
      expect(holdsPattern(arrays[2] as Uint8Array, 3)).toBe(true);
    });
  },
);

describe('other threads and channels', () => {
  const ECHO = `
    const { parentPort, workerData } = require('node:worker_threads');
    parentPort.once('message', (message) => {
      parentPort.postMessage({ message, workerData, offset: message.byteOffset });
      parentPort.close();
    });`;

  it('get exactly the bytes of workerData and of messages to a worker', async () => {
    const worker = new Worker(ECHO, { eval: true, workerData: bytes(1000, 3) });
    worker.postMessage(bytes(1000, 4));
    const echo = await new Promise<{ message: Uint8Array; workerData: Uint8Array; offset: number }>(
      (resolve, reject) => worker.once('message', resolve).once('error', reject),
    );
    expectArrival(echo.workerData, 1000, 3);
    expectArrival(echo.message, 1000, 4);
    expect(echo.offset).toBe(0);
  });

  it('get exactly the bytes from a BroadcastChannel', async () => {
    const [from, to] = [new BroadcastChannel('web-apis'), new BroadcastChannel('web-apis')];
    try {
      const arrival = new Promise<Uint8Array>((resolve) => {
        to.onmessage = (event) => resolve((event as { data: Uint8Array }).data);
      });
      from.postMessage(bytes(1000, 5));
      expectArrival(await arrival, 1000, 5);
    } finally {
      from.close();
      to.close();
    }
  });

  it('get exactly the bytes of environment data', async () => {
    setEnvironmentData('web-apis', { nested: [bytes(1000, 7)] });
    const source = `const { getEnvironmentData, parentPort } = require('node:worker_threads');
      parentPort.postMessage(getEnvironmentData('web-apis').nested[0]);`;
    const worker = new Worker(source, { eval: true });
    setEnvironmentData('web-apis');
    const [echo] = await once(worker, 'message');
    expectArrival(echo, 1000, 7);
  });

  it('get the buffers in the transfer list of a new worker', async () => {
    const array = bytes(1000, 8);
    const source = `const { parentPort, workerData } = require('node:worker_threads');
      parentPort.postMessage(workerData, [workerData.array.buffer]);`;
    const { buffer } = array;
    const worker = new Worker(source, {
      eval: true,
      workerData: { array },
      transferList: [buffer],
    });
    const [echo] = await once(worker, 'message');
    expectArrival(echo.array, 1000, 8);
    expect(buffer.byteLength).toBe(0);
  });

  it('get exactly the bytes through process.send and child.send, advanced', async () => {
    const child = fork(join(packageRoot, 'test/support/echo.cjs'), { serialization: 'advanced' });
    const array = bytes(1000, 9);
    child.send({
      array,
      sub: array.subarray(10, 20),
      buffer: Buffer.from(array.buffer, 5, 100),
      whole: array.buffer,
      view: new DataView(array.buffer, 100, 50),
    });
    const [echo] = await once(child, 'message');
    const { own, received } = echo;
    expect(Buffer.isBuffer(received.buffer)).toBe(true);
    expect(received.buffer.equals(Buffer.from(array.buffer, 5, 100))).toBe(true);
    expect([...received.array]).toEqual([...array]);
    expect([...received.sub]).toEqual([...array.subarray(10, 20)]);
    expect(received.whole.byteLength).toBe(1000);
    expect(holdsPattern(new Uint8Array(received.whole), 9)).toBe(true);
    const { view } = received;
    expect(Array.from({ length: 50 }, (_, i) => view.getUint8(i))).toEqual([
      ...array.subarray(100, 150),
    ]);
    expect([own.captured, own.length, own.bytes.length]).toEqual([true, 1000, 1000]);
    expect(own.bytes.every((byte: number) => byte === 7)).toBe(true);
  });

  it('get exactly the bytes through a stream that is transferred', async () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes(1000, 10));
        controller.close();
      },
    });
    const moved = structuredClone(stream, { transfer: [stream] as never });
    const chunks = [];
    for await (const chunk of moved) chunks.push(chunk);
    expect(chunks).toHaveLength(1);
    expectArrival(chunks[0] as Uint8Array, 1000, 10);
  });

  const { postMessageToThread } = process.getBuiltinModule('node:worker_threads') as unknown as {
    postMessageToThread?: (id: number, message: unknown) => Promise<void>;
  };
  it.skipIf(postMessageToThread === undefined)(
    'get exactly the bytes of messages to a thread (Node 22 and later)',
    async () => {
      const source = `const { parentPort } = require('node:worker_threads');
        process.on('workerMessage', (message) => {
          parentPort.postMessage(message);
          parentPort.close();
        });
        parentPort.on('message', () => {});
        parentPort.postMessage('ready');`;
      const worker = new Worker(source, { eval: true });
      await once(worker, 'message');
      const answer = once(worker, 'message');
      await postMessageToThread?.(worker.threadId, { array: bytes(1000, 11) });
      const [echo] = await answer;
      await worker.terminate();
      expectArrival(echo.array, 1000, 11);
    },
  );

  it('are not what the detail of a performance entry shows', () => {
    const array = bytes(1000, 12);
    const mark = performance.mark('web-apis', { detail: { array } });
    const measure = performance.measure('web-apis', { start: 0, end: 1, detail: [array] });
    expectArrival(mark.detail.array, 1000, 12);
    expectArrival(measure.detail[0], 1000, 12);
    expect([mark.name, measure.duration]).toEqual(['web-apis', 1]);
    performance.clearMarks('web-apis');
    performance.clearMeasures('web-apis');
  });

  it('get the bytes that an array had when it was sent from an exit scope', async () => {
    const { port1, port2 } = new MessageChannel();
    arena.sync(() => port1.postMessage(fillPattern(new Uint8Array(1000), 6)), { release: 'exit' });
    arena.sync(() => new Uint8Array(1000).fill(0xee), { release: 'exit' });
    expectArrival(receiveMessageOnPort(port2)?.message, 1000, 6);
    port1.close();
  });
});
