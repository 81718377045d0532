import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArenaError } from '../errors.js';
import { postToPort } from '../intrinsics.js';
import type { ArenaOptions } from '../options.js';
import { arena, isThenable } from '../scope.js';
import { Board } from './board.js';
import { type LoadedTask, loadTask } from './load-task.js';
import { Outgoing } from './outgoing.js';
import { takeCpu } from './pins.js';
import type { ChunkMessage, ChunkReply } from './protocol.js';
import { packError } from './sent-error.js';

/** Runs the items of a chunk in this thread, one after another, and posts what has become of them. */
export async function runChunk(message: ChunkMessage): Promise<void> {
  const { reply } = message;
  try {
    takeCpu(message.call, message.pin);
    const task = await loadTask(message.task);
    await runItems(message, task);
  } catch (error) {
    if (!(error instanceof ArenaError)) throw error;
    post(message, { kind: 'refusal', error: packError(error) });
  } finally {
    reply.close();
    // Piscina can keep a thread busy with one task after another without its event loop ever turning.
    await nextTurn();
  }
}

async function runItems(message: ChunkMessage, task: LoadedTask): Promise<void> {
  const { items, first, scope, lane } = message;
  const board = new Board(message.board);
  const outgoing = new Outgoing();
  const start = performance.now();
  for (const [i, item] of items.entries()) {
    if (board.stopped) return post(message, { kind: 'stopped' });
    const index = first + i;
    board.begin(lane, index);
    try {
      const pending = runItem(task, item, index, scope, outgoing);
      if (isThenable(pending)) await pending;
    } catch (error) {
      return post(message, { kind: 'failure', index, error: packError(error) });
    }
  }
  const { results, transfer } = outgoing;
  const milliseconds = performance.now() - start;
  try {
    post(message, { kind: 'results', results, milliseconds }, transfer);
  } catch (error) {
    const index = first + outgoing.firstUnsendable();
    post(message, { kind: 'failure', index, error: packError(error) });
  }
}

// The result is copied out while the scope lasts, once and for both kinds of scope.
function runItem(
  task: LoadedTask,
  item: unknown,
  index: number,
  scope: ArenaOptions,
  outgoing: Outgoing,
): unknown {
  return arena(
    () => {
      const result = task(item, index);
      if (!isThenable(result)) return outgoing.add(result);
      return (async () => outgoing.add(await result))();
    },
    { ...scope, copyResult: false },
  );
}

function post(
  { reply }: ChunkMessage,
  message: ChunkReply,
  transfer: readonly ArrayBuffer[] = [],
): void {
  postToPort(reply, message, transfer);
}
