import { gate } from '../gate.js';
import { bufferOf, kindOf, type TypedArray, TypedArrayBase } from '../intrinsics.js';
import { windowsOf } from '../window.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';
import { isPlainIndex } from './position.js';
import { serving } from './species.js';
import { constructorOf, twinOf } from './twin.js';
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

const served = serving(original as (...args: unknown[]) => unknown, 'slice');

const replacement = {
  slice(this: TypedArray, begin: unknown, end: unknown): unknown {
    const array = gate.used && kindOf(this) !== undefined ? asV8IsToSee(this, begin, end) : this;
    return Reflect.apply(served, array, [begin, end]);
  },
}.slice;

/** Replaces `%TypedArray%.prototype.slice`, whose result a user's constructor may put on our memory. */
export function patchSlice(patches: Patches): void {
  patches.replace(TypedArrayBase.prototype, 'slice', { value: disguise(replacement, original) });
}
