import {
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  kindOf,
  lengthOf,
  type TypedArray,
  type TypedArrayConstructor,
  typedArrays,
} from '../intrinsics.js';
import { exactBufferOf, startOf, type Windows, windowsOf } from '../window.js';

/** The exact buffer of an array on a window, and the byte offset in it that belongs to `offset`. */
export function exactPlace(
  array: TypedArray,
  windows: Windows,
  offset: number,
): [ArrayBuffer, number] {
  const start = startOf(byteOffsetOf(array), byteLengthOf(array), windows);
  return [exactBufferOf(array, windows), offset - start];
}

/** The built-in constructor of an array's kind, whatever its prototype is. */
export function originalOf(array: TypedArray): TypedArrayConstructor {
  return typedArrays.get(kindOf(array) as string) as TypedArrayConstructor;
}

/**
 * An array of the same elements on the exact buffer, for V8 to do the rest: where a user's species
 * makes the result, it is shown that buffer or may come with an array on it, and not the window.
 */
export function twinOf(array: TypedArray, constructorProperty: PropertyDescriptor): TypedArray {
  const Original = originalOf(array);
  const buffer = bufferOf(array);
  const offset = byteOffsetOf(array);
  const windows = windowsOf(buffer);
  const place =
    windows === undefined ? ([buffer, offset] as const) : exactPlace(array, windows, offset);
  const twin = new Original(...place, lengthOf(array));
  return Object.defineProperty(twin, 'constructor', constructorProperty);
}

/** Has V8 look at the array's constructor, in its own time. */
export function constructorOf(array: TypedArray): PropertyDescriptor {
  return { get: () => array.constructor };
}
