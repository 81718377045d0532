/**
 * Loaded before everything else in processes without the package whose functions are to be replaced as it replaces
 * them, by ones that have nothing to decide.
 */
import { REPLACES_ARRAY_BUFFER } from './constructions.js';

const { allocUnsafe, concat } = Buffer;
const OriginalArrayBuffer = ArrayBuffer;

Buffer.allocUnsafe = function (size) {
  return allocUnsafe(size);
};

Buffer.concat = function (list, length) {
  return concat(list, length);
};

if (REPLACES_ARRAY_BUFFER) {
  const standIn = function (length: number) {
    return new OriginalArrayBuffer(length);
  } as unknown as ArrayBufferConstructor;
  globalThis.ArrayBuffer = Object.setPrototypeOf(standIn, OriginalArrayBuffer);
}
