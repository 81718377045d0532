import { gate } from '../gate.js';
import {
  bufferOf,
  byteOffsetOf,
  kindOf,
  lengthOf,
  type TypedArray,
  TypedArrayBase,
} from '../intrinsics.js';
import { uncurryThis } from '../primordials.js';
import { type Windows, windowsOf } from '../window.js';
import { disguise } from './native-source.js';
import { isOrdinary } from './ordinary.js';
import { found, makerOfKind, makerOfPart, range } from './parts.js';
import type { Patches } from './patches.js';
import { isPlainIndex, position } from './position.js';
import { callServed } from './species.js';
import { constructorOf, exactly, twinOf } from './twin.js';

const original = TypedArrayBase.prototype.subarray;
const builtinSubarray = uncurryThis(
  original as (this: unknown, begin: unknown, end: unknown) => TypedArray,
);

// V8 makes a view, and no memory: what has looked at the species is to be none of Node's own.
function asV8Does(array: TypedArray, begin: unknown, end: unknown): TypedArray {
  const served = gate.open > 0 && isPlainIndex(begin) && isPlainIndex(end) && isOrdinary(array);
  return served
    ? callServed(builtinSubarray, array, begin, end)
    : builtinSubarray(array, begin, end);
}

/**
 * The part as V8 makes it where no user has a say.
 * @returns undefined where it is for V8 to say what is made, before a user's code has been asked
 */
function ordinaryPart(array: TypedArray, begin: unknown, end: unknown): TypedArray | undefined {
  const maker = makerOfPart(array, begin, end);
  if (maker === undefined) return undefined;
  const { from, to } = range;
  const part = maker.part(array, from, to - from);
  if (part !== undefined) return part;
  return builtinSubarray(twinOf(array, found.property as PropertyDescriptor), begin, end);
}

/** A part of an array on a window, as V8 would make it of an array that has its ArrayBuffer to itself. */
export function partOfWindow(
  array: TypedArray,
  windows: Windows,
  begin: unknown,
  end: unknown,
): TypedArray {
  // Indices that are users' objects are asked before the constructor is.
  const plain = isPlainIndex(begin) && isPlainIndex(end);
  const { Original, userConstructorOf } = makerOfKind(array);
  const property = plain ? userConstructorOf(array) : constructorOf(array);
  if (property !== undefined) return builtinSubarray(twinOf(array, property), begin, end);
  const length = lengthOf(array);
  const from = position(begin, length);
  const to = end === undefined ? length : position(end, length);
  const offset = byteOffsetOf(array) + from * Original.BYTES_PER_ELEMENT;
  return from < to
    ? new Original(bufferOf(array), offset, to - from)
    : exactly(Original, array, windows, offset, 0);
}

const replacement = {
  subarray(this: TypedArray, begin: unknown, end: unknown): TypedArray {
    const part = ordinaryPart(this, begin, end);
    if (part !== undefined) return part;
    if (gate.used && kindOf(this) !== undefined) {
      const windows = windowsOf(bufferOf(this));
      if (windows !== undefined) return partOfWindow(this, windows, begin, end);
    }
    return asV8Does(this, begin, end);
  },
}.subarray;

/** Replaces `%TypedArray%.prototype.subarray`, which shows a user's constructor the buffer. */
export function patchSubarray(patches: Patches): void {
  disguise(replacement, original);
  patches.replace(TypedArrayBase.prototype, 'subarray', { value: replacement });
}
