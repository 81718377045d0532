import { gate } from '../gate.js';
import {
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  kindOf,
  lengthOf,
  type TypedArray,
  TypedArrayBase,
  type TypedArrayConstructor,
  typedArrays,
  uncurryThis,
} from '../intrinsics.js';
import { exactBufferOf, startOf, type Windows, windowsOf } from '../window.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';
import { servedSpeciesOf } from './species.js';
import { replacementOn } from './typed-arrays.js';

const original = TypedArrayBase.prototype.subarray;
const builtinSubarray = uncurryThis(
  original as (this: unknown, begin: unknown, end: unknown) => TypedArray,
);

// As a method that arenas serve: see species.ts.
function originalSubarray(array: TypedArray, begin: unknown, end: unknown): TypedArray {
  gate.serveSpecies = true;
  const part = builtinSubarray(array, begin, end);
  gate.serveSpecies = false;
  return part;
}

// Whether V8 finds none but our constructor to call. Asks no object of a user.
function isOrdinary(array: TypedArray): boolean {
  const prototype = Object.getPrototypeOf(array);
  const maker = replacementOn(prototype);
  return (
    maker !== undefined &&
    maker === prototype.constructor &&
    maker === servedSpeciesOf(maker) &&
    !Object.hasOwn(array, 'constructor')
  );
}

// The exact buffer and the byte offset in it that belong to `offset` in the window of `array`.
function exactPlace(array: TypedArray, windows: Windows, offset: number): [ArrayBuffer, number] {
  const start = startOf(byteOffsetOf(array), byteLengthOf(array), windows);
  return [exactBufferOf(array, windows), offset - start];
}

// A user's constructor is given the exact buffer, not the window. V8 does all the rest, and in its
// order, with an array of the same elements there.
function subarrayByUser(
  array: TypedArray,
  windows: Windows,
  begin: unknown,
  end: unknown,
): TypedArray {
  const Original = typedArrays.get(kindOf(array) as string) as TypedArrayConstructor;
  const twin = new Original(...exactPlace(array, windows, byteOffsetOf(array)), lengthOf(array));
  Object.defineProperty(twin, 'constructor', { get: () => array.constructor });
  return originalSubarray(twin, begin, end);
}

// Where an empty array lies in a window does not tell if it is the end of one allocation or the
// start of the next.
function emptyPart(part: TypedArray, array: TypedArray, windows: Windows): TypedArray {
  const Original = typedArrays.get(kindOf(part) as string) as TypedArrayConstructor;
  return new Original(...exactPlace(array, windows, byteOffsetOf(part)), 0);
}

const replacement = {
  subarray(this: TypedArray, begin: unknown, end: unknown): TypedArray {
    if (gate.used && kindOf(this) !== undefined) {
      const windows = windowsOf(bufferOf(this));
      if (windows !== undefined) {
        if (!isOrdinary(this)) return subarrayByUser(this, windows, begin, end);
        const part = originalSubarray(this, begin, end);
        return lengthOf(part) > 0 ? part : emptyPart(part, this, windows);
      }
    }
    return gate.open > 0 ? originalSubarray(this, begin, end) : builtinSubarray(this, begin, end);
  },
}.subarray;

/** Replaces `%TypedArray%.prototype.subarray`, which shows a user's constructor the buffer. */
export function patchSubarray(patches: Patches): void {
  disguise(replacement, original);
  patches.replace(TypedArrayBase.prototype, 'subarray', { value: replacement });
}
