import { bufferOf, OriginalUint8Array } from './intrinsics.js';

/** A copy in ordinary memory. An array made from an array is not zeroed first, as ArrayBuffers are. */
export function copyBytes(buffer: ArrayBufferLike, start: number, bytes: number): ArrayBuffer {
  const copy = new OriginalUint8Array(new OriginalUint8Array(buffer, start, bytes));
  return bufferOf(copy) as ArrayBuffer;
}
