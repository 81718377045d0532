import { gate } from '../gate.js';
import {
  bufferOf,
  kindOf,
  lengthOf,
  setElements,
  type TypedArray,
  TypedArrayBase,
} from '../intrinsics.js';
import { ObjectGetPrototypeOf, ObjectHasOwn, uncurryThis } from '../primordials.js';
import { windowsOf } from '../window.js';
import { allocateArray } from './construct-slow.js';
import { disguise } from './native-source.js';
import { isOrdinary } from './ordinary.js';
import { makerOfPart, range } from './parts.js';
import type { Patches } from './patches.js';
import { isPlainIndex } from './position.js';
import { callServed } from './species.js';
import { constructorOf, twinOf } from './twin.js';
import { replacementOn } from './typed-arrays.js';

const original = TypedArrayBase.prototype.slice;
const callOriginal = uncurryThis(original as (this: unknown, ...args: unknown[]) => unknown);

// V8 copies byte by byte where a user's constructor puts the result on the same buffer, which shows
// when they overlap.
function asV8IsToSee(array: TypedArray, begin: unknown, end: unknown): TypedArray {
  const windows = windowsOf(bufferOf(array));
  const prototype: object | null = ObjectGetPrototypeOf(array);
  // A Buffer's species makes a Buffer of its own.
  if (windows === undefined || prototype === Buffer.prototype) return array;
  // Indices that are users' objects are asked before the constructor is.
  if (ObjectHasOwn(array, 'constructor') || !isPlainIndex(begin) || !isPlainIndex(end)) {
    return twinOf(array, constructorOf(array));
  }
  const maker: unknown = array.constructor;
  if (maker !== undefined && maker === replacementOn(prototype)) return array;
  return twinOf(array, { __proto__: null, value: maker } as PropertyDescriptor);
}

function asV8Does(array: unknown, begin: unknown, end: unknown): unknown {
  // Indices that are users' objects are asked before the species is looked at.
  const served = gate.open > 0 && isPlainIndex(begin) && isPlainIndex(end) && isOrdinary(array);
  return served ? callServed(callOriginal, array, begin, end) : callOriginal(array, begin, end);
}

/**
 * What V8's own gives where no user has a say, on memory not zeroed before.
 * @returns undefined where it is for V8 to say what is made, before a user's code has been asked
 */
function ordinaryCopy(array: TypedArray, begin: unknown, end: unknown): unknown {
  const maker = makerOfPart(array, begin, end);
  if (maker === undefined) return undefined;
  const { from, to } = range;
  const property = maker.userConstructorOf(array);
  // It has been asked for, which is to happen once.
  if (property !== undefined) return callOriginal(twinOf(array, property), begin, end);
  const count = to - from;
  const part = count === lengthOf(array) ? array : maker.view(array, from, count);
  const copy = allocateArray(maker, undefined, count, true);
  if (copy === undefined) return new maker.Original(part);
  setElements(copy, part as ArrayLike<unknown>);
  return copy;
}

const replacement = {
  slice(this: TypedArray, begin: unknown, end: unknown): unknown {
    const copy = ordinaryCopy(this, begin, end);
    if (copy !== undefined) return copy;
    if (!gate.used || kindOf(this) === undefined) return asV8Does(this, begin, end);
    return asV8Does(asV8IsToSee(this, begin, end), begin, end);
  },
}.slice;

/** Replaces `%TypedArray%.prototype.slice`, whose result a user's constructor may put on our memory. */
export function patchSlice(patches: Patches): void {
  patches.replace(TypedArrayBase.prototype, 'slice', { value: disguise(replacement, original) });
}
