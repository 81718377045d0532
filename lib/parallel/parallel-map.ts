import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { ArenaError } from '../errors.js';
import { Board } from './board.js';
import { type Chunk, Chunks } from './chunks.js';
import type { CheckedOptions } from './options.js';
import type { ChunkReply, PinMessage, TaskMessage } from './protocol.js';
import { unpackError } from './sent-error.js';
import type { WorkerPool } from './worker-pool.js';

let calls = 0;

/** One call of `mtMapArena`: hands out chunks, puts results in their places. */
export class ParallelMap {
  readonly #call = ++calls;
  readonly #results: unknown[];
  readonly #chunks: Chunks;
  readonly #board: Board;
  readonly #failed: Promise<never>;
  #fail!: (reason: unknown) => void;
  #done = 0;

  constructor(
    readonly items: readonly unknown[],
    readonly task: TaskMessage,
    readonly options: CheckedOptions,
    readonly workers: WorkerPool,
    readonly pin: PinMessage | undefined,
  ) {
    this.#results = new Array(items.length);
    const lanes = Math.min(workers.capacity, items.length);
    this.#chunks = new Chunks(items.length, lanes, options.chunk);
    this.#board = new Board(lanes);
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  /** @returns the results, once no thread of the map's own is left */
  async run(): Promise<unknown[]> {
    const { signal } = this.options;
    const abort = () => this.#fail(signal?.reason);
    // Before piscina listens: what the promise is rejected with is the signal's reason.
    signal?.addEventListener('abort', abort);
    const ignoreIdleErrors = this.workers.onIdleError((error) => this.#fail(workerDied(error)));
    try {
      const lanes = Array.from({ length: this.#board.lanes }, (_, lane) => this.#work(lane));
      await Promise.race([this.#failed, Promise.all(lanes)]);
      return this.#results;
    } finally {
      this.#board.stop();
      signal?.removeEventListener('abort', abort);
      await this.workers.close();
      ignoreIdleErrors();
    }
  }

  /** Has chunks done, one after another. */
  async #work(lane: number): Promise<void> {
    while (!this.#board.stopped) {
      const chunk = this.#chunks.take();
      if (chunk === undefined) return;
      this.#accept(chunk, await this.#send(chunk, lane));
    }
  }

  async #send({ first, count }: Chunk, lane: number): Promise<ChunkReply> {
    const { port1, port2: reply } = new MessageChannel();
    const items = this.items.slice(first, first + count);
    const { signal, scope } = this.options;
    const { task, pin } = this;
    const board = this.#board.shared;
    this.#board.begin(lane, first);
    try {
      await this.workers.run(
        { call: this.#call, task, scope, items, first, pin, board, lane, reply },
        signal,
      );
      return this.#receive(port1, first);
    } catch (error) {
      if (this.#board.stopped) throw error;
      const unsendable = isCloneError(error) ? items.findIndex((item) => !isCloneable(item)) : -1;
      if (unsendable >= 0) throw itemFailed(first + unsendable, error);
      throw workerDied(error, this.#board.running(lane));
    } finally {
      port1.close();
    }
  }

  /** Puts the results that came by themselves in their places. @returns what came after them */
  #receive(port: MessagePort, first: number): ChunkReply {
    for (;;) {
      const { message } = receiveMessageOnPort(port) as { message: ChunkReply };
      if (message.kind !== 'result') return message;
      this.#results[first + message.place] = message.result;
    }
  }

  #accept(chunk: Chunk, reply: ChunkReply): void {
    if (reply.kind === 'failure') throw itemFailed(reply.index, unpackError(reply.error));
    if (reply.kind === 'refusal') throw unpackError(reply.error);
    if (reply.kind !== 'done' || this.#board.stopped) return;
    // Only those that are there: the others have come before.
    reply.kept.forEach((result, place) => {
      this.#results[chunk.first + place] = result;
    });
    this.#chunks.finish(chunk, reply.milliseconds);
    this.#done += chunk.count;
    this.options.onProgress?.(this.#done, this.items.length);
  }
}

function isCloneError(error: unknown): boolean {
  return error instanceof Error && error.name === 'DataCloneError';
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function itemFailed(index: number, cause: unknown): ArenaError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ArenaError('ERR_ARENA_TASK_FAILED', `Item ${index} failed: ${message}`, {
    index,
    cause,
  });
}

function workerDied(cause: unknown, index?: number): ArenaError {
  const what = index === undefined ? 'while it ran no item' : `while it ran item ${index}`;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ArenaError('ERR_ARENA_WORKER_DIED', `A worker thread ended ${what}: ${why}`, {
    ...(index === undefined ? {} : { index }),
    cause,
  });
}
