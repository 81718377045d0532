import { gate } from '../gate.js';
import {
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  kindOf,
  lengthOf,
  setElements,
  type TypedArray,
  TypedArrayBase,
  uncurryThis,
} from '../intrinsics.js';
import { windowsOf } from '../window.js';
import { allocateArray } from './construct-slow.js';
import { disguise } from './native-source.js';
import { ordinaryKindOf } from './ordinary.js';
import { makerOfPart, range } from './parts.js';
import type { Patches } from './patches.js';
import { isPlainIndex, position } from './position.js';
import { serving } from './species.js';
import { constructorOf, twinOf, userConstructorOf } from './twin.js';
import { replacementOn } from './typed-arrays.js';

const original = TypedArrayBase.prototype.slice;

// V8 copies byte by byte where a user's constructor puts the result on the same buffer, which shows
// when they overlap.
function asV8IsToSee(array: TypedArray, begin: unknown, end: unknown): TypedArray {
  const windows = windowsOf(bufferOf(array));
  const prototype: object | null = Object.getPrototypeOf(array);
  // A Buffer's species makes a Buffer of its own.
  if (windows === undefined || prototype === Buffer.prototype) return array;
  // Indices that are users' objects are asked before the constructor is.
  if (Object.hasOwn(array, 'constructor') || !isPlainIndex(begin) || !isPlainIndex(end)) {
    return twinOf(array, windows, constructorOf(array));
  }
  const maker: unknown = array.constructor;
  if (maker !== undefined && maker === replacementOn(prototype)) return array;
  return twinOf(array, windows, { value: maker });
}

// For fewer bytes it costs less to zero what V8's own overwrites.
const FEWEST_BYTES = 8192;

/** What V8's own gives where nobody else has a say, undefined elsewhere; on memory not zeroed before. */
function copied(array: TypedArray, begin: unknown, end: unknown): TypedArray | undefined {
  if (byteLengthOf(array) < FEWEST_BYTES || !isPlainIndex(begin) || !isPlainIndex(end)) {
    return undefined;
  }
  const length = lengthOf(array);
  const from = position(begin, length);
  const count = (end === undefined ? length : position(end, length)) - from;
  const kind = ordinaryKindOf(array);
  if (kind === undefined || count * kind.bytesPerElement < FEWEST_BYTES) return undefined;
  const copy = allocateArray(kind, undefined, count, true);
  if (copy === undefined) return undefined;
  const start = byteOffsetOf(array) + from * kind.bytesPerElement;
  const part = count === length ? array : new kind.Original(bufferOf(array), start, count);
  setElements(copy, part as ArrayLike<unknown>);
  return copy;
}

const callServed = uncurryThis(serving(original as (...args: unknown[]) => unknown, 'slice'));

/**
 * What V8's own gives outside scopes where no user has a say.
 * @returns undefined where it is for V8 to say what is made, before a user's code has been asked
 */
function ordinaryCopy(array: TypedArray, begin: unknown, end: unknown): unknown {
  const maker = makerOfPart(array, begin, end);
  if (maker === undefined) return undefined;
  const { Original, bytesPerElement } = maker;
  const { from, to } = range;
  const property = userConstructorOf(array, maker.replacement);
  if (property !== undefined) {
    // Its constructor has been asked for already, which is to happen once.
    return callServed(twinOf(array, windowsOf(bufferOf(array)), property), begin, end);
  }
  if (to - from === lengthOf(array)) return new Original(array);
  const offset = byteOffsetOf(array) + from * bytesPerElement;
  return new Original(new Original(bufferOf(array), offset, to - from));
}

const replacement = {
  slice(this: TypedArray, begin: unknown, end: unknown): unknown {
    const copy = gate.open === 0 ? ordinaryCopy(this, begin, end) : undefined;
    if (copy !== undefined) return copy;
    if (!gate.used || kindOf(this) === undefined) return callServed(this, begin, end);
    return (
      (gate.open > 0 ? copied(this, begin, end) : undefined) ??
      callServed(asV8IsToSee(this, begin, end), begin, end)
    );
  },
}.slice;

/** Replaces `%TypedArray%.prototype.slice`, whose result a user's constructor may put on our memory. */
export function patchSlice(patches: Patches): void {
  patches.replace(TypedArrayBase.prototype, 'slice', { value: disguise(replacement, original) });
}
