import { MessageChannel } from 'node:worker_threads';
import type { Context, Job } from '../job.js';
import { fill, holds } from '../reference.js';

interface Message {
  readonly array: Uint8Array;
  readonly part: Uint8Array;
  readonly byName: Map<string, Uint8Array>;
}

async function run({ random, length, check }: Context): Promise<void> {
  const seed = Math.floor(random() * 2 ** 16);
  const array = fill(new Uint8Array(length()), seed);
  const message: Message = { array, part: array.subarray(8), byName: new Map([['array', array]]) };
  const right = ({ array: arrived, part, byName }: Message) =>
    holds(arrived, seed) &&
    byName.get('array') === arrived &&
    part.buffer === arrived.buffer &&
    arrived.buffer.byteLength === array.length;

  check(right(structuredClone(message)), 'structuredClone changed a message');
  const { port1, port2 } = new MessageChannel();
  const arrived = new Promise<Message>((resolve) => port2.once('message', resolve));
  port1.postMessage(message);
  check(right(await arrived), 'a port changed a message');
  const moved = new Promise<Uint8Array>((resolve) => port2.once('message', resolve));
  port1.postMessage(array, [array.buffer as ArrayBuffer]);
  check(holds(await moved, seed), 'a port changed what was transferred');
  port1.close();
}

/** Arrays in messages: copied, transferred, several views of one buffer. */
export const messages: Job = { name: 'messages', run };
