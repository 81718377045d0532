import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { bufferOf, OriginalUint8Array, setElements } from './intrinsics.js';
import { takeRun } from './runs.js';
import { stamp } from './window.js';

/** Copies `bytes` of a buffer from the byte `start` on. */
export type CopyBytes = (buffer: ArrayBufferLike, start: number, bytes: number) => ArrayBuffer;

/** A copy in ordinary memory. An array made from an array is not zeroed first, as ArrayBuffers are. */
export const copyBytes: CopyBytes = (buffer, start, bytes) => {
  const copy = new OriginalUint8Array(new OriginalUint8Array(buffer, start, bytes));
  return bufferOf(copy) as ArrayBuffer;
};

// What is smaller would keep a slab of more than twice as much.
const leastOfRun = () => config.slabBytes / 2;
// Of what a thread may map: the rest is for scopes, however many results are kept.
const SHARE_OF_RESULTS = 1 / 4;

/** Whether {@link copyToRun} looks for slabs. */
export function isForRun(bytes: number): boolean {
  return bytes >= leastOfRun();
}

/**
 * A copy that has slabs of its own where it is large, which are free when V8 has collected it: malloc gives large memory back
 * to the system time and again, and every page of it has to be fetched anew.
 */
export const copyToRun: CopyBytes = (buffer, start, bytes) => {
  const waiting = counters[Counter.WaitingBytes] as number;
  if (!isForRun(bytes) || waiting + bytes > SHARE_OF_RESULTS * config.maxBytes) {
    return copyBytes(buffer, start, bytes);
  }
  const copy = takeRun(bytes, false, true);
  if (copy === undefined) return copyBytes(buffer, start, bytes);
  stamp(copy, 'whole');
  setElements(new OriginalUint8Array(copy), new OriginalUint8Array(buffer, start, bytes));
  return copy;
};
