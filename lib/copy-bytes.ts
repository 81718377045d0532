import { bufferOf, OriginalUint8Array } from './intrinsics.js';

/** A copy on V8's heap. An array made from an array is not zeroed first, as ArrayBuffers are. */
export function copyBytes(buffer: ArrayBufferLike, start: number, bytes: number): ArrayBuffer {
  const copy = new OriginalUint8Array(new OriginalUint8Array(buffer, start, bytes));
  return bufferOf(copy) as ArrayBuffer;
}
