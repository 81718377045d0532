import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { Chunk } from './chunks.js';
import { sendingFailed } from './map-errors.js';
import type { ChunkMessage, ChunkReply, LaneMessage, ResultMessage } from './protocol.js';

/** What a stint asks of the map that it works for. */
export interface Employer {
  /** Has a worker do the stint. @returns a promise that is settled when the worker is free again */
  start(message: Pick<LaneMessage, 'chunks' | 'results'>): Promise<void>;
  itemsOf(chunk: Chunk): readonly unknown[];
  /** Another chunk for the worker while it is busy, if it is to have one. */
  ahead(): Chunk | undefined;
  /** Another chunk for the worker when it is idle, if it is to have one. */
  next(): Chunk | undefined;
  keep(result: ResultMessage): void;
  /** @throws what the map is to be rejected with */
  accept(chunk: Chunk, reply: ChunkReply): void;
}

// So that a worker finds its next chunk when it is done with one, and need not wait for this thread,
// which the system may have to make room for among workers that keep every cpu busy.
const MOST_SENT = 2;

/** Chunk after chunk on one worker, which is nobody else's meanwhile. */
export class Stint {
  // Each brings a wake-up of this thread.
  readonly #chunks = new MessageChannel();
  // Read when a chunk is done.
  readonly #results = new MessageChannel();
  /** Sent and not done. */
  readonly #sent: Chunk[] = [];

  constructor(readonly employer: Employer) {}

  /** @throws what `start` rejects with, what `accept` throws, and why a chunk could not be sent */
  async work(first: Chunk): Promise<void> {
    const { port1, port2 } = this.#chunks;
    try {
      const ended = this.employer.start({ chunks: port2, results: this.#results.port2 });
      const done = new Promise<void>((resolve, reject) => {
        // A worker that has ended may have told why before.
        ended.then(() => this.#drain()).then(resolve, reject);
        port1.on('message', (reply: ChunkReply) => {
          try {
            if (!this.#receive(reply)) resolve();
          } catch (error) {
            reject(error);
          }
        });
      });
      // Of a worker that ends when this has failed otherwise.
      done.catch(() => {});
      this.#send(first);
      await done;
      port1.close();
      await ended;
    } finally {
      port1.close();
      this.#results.port1.close();
    }
  }

  #send(chunk: Chunk): void {
    const { first } = chunk;
    const message: ChunkMessage = { first, items: this.employer.itemsOf(chunk) };
    try {
      this.#chunks.port1.postMessage(message);
    } catch (error) {
      throw sendingFailed(error, message.items, first);
    }
    this.#sent.push(chunk);
  }

  /** @returns whether there is more to do */
  #receive(reply: ChunkReply): boolean {
    const { employer } = this;
    const { port1 } = this.#results;
    for (let next = receiveMessageOnPort(port1); next; next = receiveMessageOnPort(port1)) {
      employer.keep(next.message as ResultMessage);
    }
    employer.accept(this.#sent.shift() as Chunk, reply);
    const next = this.#sent.length === 0 ? employer.next() : undefined;
    if (next !== undefined) this.#send(next);
    while (this.#sent.length > 0 && this.#sent.length < MOST_SENT) {
      const ahead = employer.ahead();
      if (ahead === undefined) break;
      this.#send(ahead);
    }
    return this.#sent.length > 0;
  }

  #drain(): void {
    for (;;) {
      const next = receiveMessageOnPort(this.#chunks.port1) as { message: ChunkReply } | undefined;
      if (next === undefined || !this.#receive(next.message)) return;
    }
  }
}
