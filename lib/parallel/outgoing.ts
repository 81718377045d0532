import { copyForSending } from '../copy.js';

const KIB = 1024;
const [major] = process.versions.node.split('.').map(Number) as [number];

/**
 * ArrayBuffers of fewer bytes are copied to the other thread, not transferred. Transferring detaches,
 * and before Node 24 that makes every typed-array loop of the thread 1.4–2.3 times as slow from then
 * on: it has to spare a long copy to be worth that. Later it costs as much as copying some kilobytes.
 */
const TRANSFER_BYTES = major < 24 ? 1024 * KIB : 16 * KIB;

/** The results of a chunk, ready to be posted. */
export class Outgoing {
  readonly results: unknown[] = [];
  /** Their ArrayBuffers that are to change hands; nobody in this thread knows them. */
  readonly transfer: ArrayBuffer[] = [];

  /** Copies a result out of the arenas of the scope it was made in. */
  add(result: unknown): void {
    const [copy, buffers] = copyForSending(result, TRANSFER_BYTES);
    this.results.push(copy);
    this.transfer.push(...buffers);
  }

  /** @returns the place of the first result that cannot be cloned, or of the last one */
  firstUnsendable(): number {
    const place = this.results.findIndex((result) => !isCloneable(result));
    return place < 0 ? this.results.length - 1 : place;
  }
}

/** Whether a value can be sent to another thread. */
export function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
