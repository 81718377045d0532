import { inspect } from 'node:util';
import { ArenaError } from '../errors.js';

function messageOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  try {
    return String(cause);
  } catch {
    return inspect(cause);
  }
}

/** @returns the error for an item whose task threw `cause`, or which cannot be sent or answered for that reason */
export function itemFailed(index: number, cause: unknown): ArenaError {
  return new ArenaError('ERR_ARENA_TASK_FAILED', `Item ${index} failed: ${messageOf(cause)}`, {
    index,
    cause,
  });
}

/**
 * @param error - what sending `items` has thrown
 * @param first - the index of the first of them
 * @returns the error that names the item
 */
export function sendingFailed(error: unknown, items: readonly unknown[], first: number): unknown {
  const isCloneError = error instanceof Error && error.name === 'DataCloneError';
  const culprit = isCloneError ? items.findIndex((item) => !isCloneable(item)) : -1;
  return culprit < 0 ? error : itemFailed(first + culprit, error);
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** @returns the error for a thread that has ended; `index` is that of the item it was at, if any */
export function workerDied(cause: unknown, index?: number): ArenaError {
  const what = index === undefined ? 'while it ran no item' : `while it ran item ${index}`;
  const why = messageOf(cause);
  return new ArenaError('ERR_ARENA_WORKER_DIED', `A worker thread ended ${what}: ${why}`, {
    ...(index === undefined ? {} : { index }),
    cause,
  });
}
