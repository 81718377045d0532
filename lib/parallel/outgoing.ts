import type { MessagePort } from 'node:worker_threads';
import { copyLargeBuffers } from '../copy.js';
import type { ResultMessage } from './protocol.js';

const KIB = 1024;
const [major] = process.versions.node.split('.').map(Number) as [number];

/**
 * ArrayBuffers of fewer bytes are copied to the other thread, not transferred. Transferring detaches,
 * and before Node 24 that makes every typed-array loop of the thread 1.4–2.3 times as slow from then
 * on: it has to spare a long copy to be worth that. Later it costs as much as copying some kilobytes.
 */
const TRANSFER_BYTES = major < 24 ? 1024 * KIB : 16 * KIB;

/** What a chunk gives: results that are no objects are kept and sent together at its end. */
export class Outgoing {
  /** By their places in the chunk; those sent already are missing. */
  readonly kept: unknown[] = [];
  #count = 0;

  /**
   * @param port - where results go by themselves
   * @param first - the index of the chunk's first item
   */
  constructor(
    readonly port: MessagePort,
    readonly first: number,
  ) {}

  /**
   * Takes the next result, while the scope that it was made in lasts.
   *
   * @throws DataCloneError when it cannot be sent
   */
  add(result: unknown): undefined {
    const place = this.#count++;
    if (isPlainPrimitive(result)) {
      this.kept[place] = result;
      return undefined;
    }
    const [copy, transfer] = copyLargeBuffers(result, TRANSFER_BYTES);
    const message: ResultMessage = { index: this.first + place, result: copy };
    this.port.postMessage(message, transfer);
    return undefined;
  }
}

// Symbols and functions are for the serializer to refuse.
function isPlainPrimitive(value: unknown): boolean {
  const type = typeof value;
  return value === null || (type !== 'object' && type !== 'function' && type !== 'symbol');
}
