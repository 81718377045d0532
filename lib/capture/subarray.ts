import { gate } from '../gate.js';
import {
  bufferOf,
  byteOffsetOf,
  kindOf,
  lengthOf,
  type TypedArray,
  TypedArrayBase,
  uncurryThis,
} from '../intrinsics.js';
import { type Windows, windowsOf } from '../window.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';
import { isPlainIndex, position } from './position.js';
import { constructorOf, exactPlace, originalOf, twinOf, userConstructorOf } from './twin.js';

const original = TypedArrayBase.prototype.subarray;
const builtinSubarray = uncurryThis(
  original as (this: unknown, begin: unknown, end: unknown) => TypedArray,
);

// As a method that arenas serve: see species.ts.
function originalSubarray(array: TypedArray, begin: unknown, end: unknown): TypedArray {
  gate.serveSpecies = true;
  try {
    return builtinSubarray(array, begin, end);
  } finally {
    gate.serveSpecies = false;
  }
}

// What V8 does when nobody else makes the result.
function ordinaryPart(
  array: TypedArray,
  windows: Windows,
  begin: unknown,
  end: unknown,
): TypedArray {
  const Original = originalOf(array);
  const length = lengthOf(array);
  const from = position(begin, length);
  const to = end === undefined ? length : position(end, length);
  const offset = byteOffsetOf(array) + from * Original.BYTES_PER_ELEMENT;
  if (from < to) return new Original(bufferOf(array), offset, to - from);
  // Where an empty array lies in a window does not tell if it is the end of one allocation or the
  // start of the next.
  return new Original(...exactPlace(array, windows, offset), 0);
}

function partOfWindow(
  array: TypedArray,
  windows: Windows,
  begin: unknown,
  end: unknown,
): TypedArray {
  // Indices that are users' objects are asked before the constructor is.
  const plain = isPlainIndex(begin) && isPlainIndex(end);
  const property = plain ? userConstructorOf(array) : constructorOf(array);
  if (property === undefined) return ordinaryPart(array, windows, begin, end);
  return originalSubarray(twinOf(array, windows, property), begin, end);
}

const replacement = {
  subarray(this: TypedArray, begin: unknown, end: unknown): TypedArray {
    if (gate.used && kindOf(this) !== undefined) {
      const windows = windowsOf(bufferOf(this));
      if (windows !== undefined) return partOfWindow(this, windows, begin, end);
    }
    return gate.open > 0 ? originalSubarray(this, begin, end) : builtinSubarray(this, begin, end);
  },
}.subarray;

/** Replaces `%TypedArray%.prototype.subarray`, which shows a user's constructor the buffer. */
export function patchSubarray(patches: Patches): void {
  disguise(replacement, original);
  patches.replace(TypedArrayBase.prototype, 'subarray', { value: replacement });
}
