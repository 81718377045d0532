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
import { ObjectDefineProperty } from '../primordials.js';
import { exactBufferOf, startOf, type Windows, windowsOf } from '../window.js';

/** An array of that kind on the exact buffer of an array on a window, from the place there that belongs to `offset`. */
export function exactly(
  Original: TypedArrayConstructor,
  array: TypedArray,
  windows: Windows,
  offset: number,
  length: number,
): TypedArray {
  const start = startOf(byteOffsetOf(array), byteLengthOf(array), windows);
  return new Original(exactBufferOf(array, windows), offset - start, length);
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
  const length = lengthOf(array);
  const twin =
    windows === undefined
      ? new Original(buffer, offset, length)
      : exactly(Original, array, windows, offset, length);
  return ObjectDefineProperty(twin, 'constructor', constructorProperty);
}

/** Has V8 look at the array's constructor, in its own time. */
export function constructorOf(array: TypedArray): PropertyDescriptor {
  return { __proto__: null, get: () => array.constructor } as PropertyDescriptor;
}
