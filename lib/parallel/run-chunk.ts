import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArenaError } from '../errors.js';
import type { ArenaOptions } from '../options.js';
import { arena, isThenable } from '../scope.js';
import { Board } from './board.js';
import { type LoadedTask, loadTask } from './load-task.js';
import { Outgoing } from './outgoing.js';
import { takeCpu } from './pins.js';
import type { ChunkMessage, ChunkReply } from './protocol.js';
import { packError, type SentError } from './sent-error.js';

/** Runs the items of a chunk in this thread, one after another, and posts what has become of them. */
export async function runChunk(message: ChunkMessage): Promise<void> {
  const { reply } = message;
  try {
    takeCpu(message.call, message.pin);
    const task = await loadTask(message.task);
    reply.postMessage(await runItems(message, task));
  } catch (error) {
    if (!(error instanceof ArenaError)) throw error;
    const refusal: ChunkReply = { kind: 'refusal', error: packError(error) };
    reply.postMessage(refusal);
  } finally {
    reply.close();
    // Piscina can keep a thread busy with one task after another without its event loop ever turning.
    await nextTurn();
  }
}

async function runItems(message: ChunkMessage, task: LoadedTask): Promise<ChunkReply> {
  const { items, first, scope, lane } = message;
  const board = new Board(message.board);
  const outgoing = new Outgoing(message.reply);
  const start = performance.now();
  for (const [i, item] of items.entries()) {
    if (board.stopped) return { kind: 'stopped' };
    const index = first + i;
    board.begin(lane, index);
    const outcome = runItem(task, item, index, scope, outgoing);
    const error = isThenable(outcome) ? await outcome : outcome;
    if (error !== undefined) return { kind: 'failure', index, error };
  }
  return { kind: 'done', kept: outgoing.kept, milliseconds: performance.now() - start };
}

/**
 * Runs an item in a scope of its own. What comes of it is sent or packed while the scope lasts:
 * `'exit'` takes the memory back afterwards.
 *
 * @returns what the task has thrown, or the result's serialization
 */
function runItem(
  task: LoadedTask,
  item: unknown,
  index: number,
  scope: ArenaOptions,
  outgoing: Outgoing,
): SentError | undefined | Promise<SentError | undefined> {
  const run = () => {
    try {
      const result = task(item, index);
      return isThenable(result) ? addSettled(result, outgoing) : outgoing.add(result);
    } catch (error) {
      return packError(error);
    }
  };
  return arena(run, { ...scope, copyResult: false });
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
