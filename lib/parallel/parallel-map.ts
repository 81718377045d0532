import { Board } from './board.js';
import { type Chunk, Chunks } from './chunks.js';
import { itemFailed, workerDied } from './map-errors.js';
import type { CheckedOptions } from './options.js';
import type { ChunkReply, LaneMessage, PinMessage, TaskMessage } from './protocol.js';
import { unpackError } from './sent-error.js';
import { Stint } from './stint.js';
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

  /** Has chunks done, for as long as there are any. */
  async #work(lane: number): Promise<void> {
    for (let chunk = this.#take(); chunk !== undefined; chunk = this.#take()) {
      this.#board.begin(lane, chunk.first);
      const stint = new Stint({
        start: (ports) => this.#start(lane, ports),
        itemsOf: ({ first, count }) => this.items.slice(first, first + count),
        next: () => (this.workers.areAwaited ? undefined : this.#take()),
        ahead: () =>
          this.workers.areAwaited || this.#board.stopped ? undefined : this.#chunks.takeAhead(),
        keep: ({ index, result }) => {
          this.#results[index] = result;
        },
        accept: (chunk, reply) => this.#accept(chunk, reply),
      });
      await stint.work(chunk);
    }
  }

  #take(): Chunk | undefined {
    return this.#board.stopped ? undefined : this.#chunks.take();
  }

  async #start(lane: number, ports: Pick<LaneMessage, 'chunks' | 'results'>): Promise<void> {
    const { signal, scope } = this.options;
    const { task, pin } = this;
    const board = this.#board.shared;
    const message: LaneMessage = { call: this.#call, task, scope, pin, board, lane, ...ports };
    try {
      await this.workers.run(message, signal);
    } catch (error) {
      throw workerDied(error, this.#board.running(lane));
    }
  }

  #accept(chunk: Chunk, reply: ChunkReply): void {
    if (reply.kind === 'failure') throw itemFailed(reply.index, unpackError(reply.error));
    if (reply.kind === 'refusal') throw unpackError(reply.error);
    if (this.#board.stopped) return;
    // Only those that are there: the others have come before.
    reply.kept.forEach((result, place) => {
      this.#results[chunk.first + place] = result;
    });
    this.#chunks.finish(chunk, reply.milliseconds);
    this.#done += chunk.count;
    this.options.onProgress?.(this.#done, this.items.length);
  }
}
