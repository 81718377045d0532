import { setImmediate as nextTurn } from 'node:timers/promises';
import { arena } from '../arena.js';
import { ArenaError } from '../errors.js';
import type { ArenaOptions } from '../options.js';
import { isThenable } from '../thenable.js';
import { Board } from './board.js';
import { Inbox } from './inbox.js';
import { type LoadedTask, loadTask } from './load-task.js';
import { Outgoing } from './outgoing.js';
import { takeCpu } from './pins.js';
import type { ChunkMessage, ChunkReply, LaneMessage } from './protocol.js';
import { packError, type SentError } from './sent-error.js';

/** Runs chunks in this thread until the other side closes, and posts what has become of them. */
export async function runLane(message: LaneMessage): Promise<void> {
  const { chunks, results } = message;
  const post = (reply: ChunkReply) => chunks.postMessage(reply);
  const inbox = new Inbox<ChunkMessage>(chunks);
  try {
    takeCpu(message.call, message.pin);
    const lane = new Lane(message, await loadTask(message.task));
    for (let chunk = await inbox.next(); chunk !== undefined; chunk = await inbox.next()) {
      const reply = await lane.run(chunk);
      if (reply === undefined) return;
      post(reply);
      if (reply.kind !== 'done') return;
      // Timers and sockets of the tasks, and the other lanes of this thread.
      await nextTurn();
    }
  } catch (error) {
    if (!(error instanceof ArenaError)) throw error;
    post({ kind: 'refusal', error: packError(error) });
  } finally {
    chunks.close();
    results.close();
  }
}

class Lane {
  readonly #board: Board;
  readonly #lane: number;
  readonly #results: LaneMessage['results'];
  readonly #scope: ArenaOptions;

  constructor(
    { board, lane, results, scope }: LaneMessage,
    readonly task: LoadedTask,
  ) {
    this.#board = new Board(board);
    this.#lane = lane;
    this.#results = results;
    this.#scope = { ...scope, copyResult: false };
  }

  /** Runs items one after another. @returns undefined when nobody waits for them any more */
  async run({ items, first }: ChunkMessage): Promise<ChunkReply | undefined> {
    const outgoing = new Outgoing(this.#results, first);
    const start = performance.now();
    for (const [i, item] of items.entries()) {
      if (this.#board.stopped) return undefined;
      const index = first + i;
      this.#board.begin(this.#lane, index);
      const outcome = this.#runItem(item, index, outgoing);
      const error = isThenable(outcome) ? await outcome : outcome;
      if (error !== undefined) return { kind: 'failure', index, error };
    }
    return { kind: 'done', kept: outgoing.kept, milliseconds: performance.now() - start };
  }

  /**
   * Runs an item in a scope of its own. What comes of it is sent or packed while the scope lasts:
   * `'exit'` takes the memory back afterwards.
   *
   * @returns what the task has thrown
   */
  #runItem(
    item: unknown,
    index: number,
    outgoing: Outgoing,
  ): SentError | undefined | Promise<SentError | undefined> {
    const run = () => {
      try {
        const { task } = this;
        const result = task(item, index);
        return isThenable(result) ? addSettled(result, outgoing) : outgoing.add(result);
      } catch (error) {
        return packError(error);
      }
    };
    return arena(run, this.#scope);
  }
}

async function addSettled(
  result: PromiseLike<unknown>,
  outgoing: Outgoing,
): Promise<SentError | undefined> {
  try {
    return outgoing.add(await result);
  } catch (error) {
    return packError(error);
  }
}
