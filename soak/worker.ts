// A thread of the soak test: makes and checks arrays in scopes, and answers messages.
import { setImmediate } from 'node:timers/promises';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { arena } from 'arena-pirate';

/** What the worker is asked for: the array with each byte inverted. */
export interface Question {
  readonly id: number;
  readonly array: Uint8Array;
}

/** What it answers; `right` tells whether its own arrays were as they should be. */
export interface Answer {
  readonly id: number;
  readonly inverted: Uint8Array;
  readonly right: boolean;
}

const port = parentPort as MessagePort;

async function answer({ id, array }: Question): Promise<Answer> {
  const scratch = new Uint8Array(array.length);
  let right = scratch.every((byte) => byte === 0);
  const inverted = array.map((byte) => ~byte);
  scratch.set(inverted);
  await setImmediate();
  right &&= Buffer.compare(scratch, inverted) === 0;
  return { id, inverted, right };
}

let questions = 0;
port.on('message', async (question: Question) => {
  const release = questions++ % 2 === 0 ? 'exit' : 'collected';
  port.postMessage(await arena(() => answer(question), { release }));
});
