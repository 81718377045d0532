import { kindOf, lengthOf, type TypedArray, typedArrays } from '../intrinsics.js';
import { haveSameShape } from '../shapes.js';
import type { Kind } from './constructor.js';
import { isPlainIndex, position } from './position.js';
import { replacementOn } from './typed-arrays.js';

// V8 makes parts of arrays in half the time as long as it knows their constructors. Since we have
// replaced those, parts that it would make by them are made here.

/** A kind of array, and what tells that no user has a say in its parts. */
interface Maker extends Kind {
  readonly replacement: unknown;
  /** An array that neither resizes nor has properties. */
  readonly model: TypedArray;
}

// At hand by name: looking each up where it is kept takes a sixth of what `subarray` takes.
const makers = new Map<unknown, Maker>();

/** To be called when the constructors have been replaced. */
export function findMakers(): void {
  for (const [name, Original] of typedArrays) {
    const { BYTES_PER_ELEMENT: bytesPerElement, prototype } = Original;
    const replacement = replacementOn(prototype);
    makers.set(name, { name, Original, bytesPerElement, replacement, model: new Original(0) });
  }
}

/** Which elements {@link makerOfPart} has found last. */
export const range = { from: 0, to: 0 };

/**
 * What makes parts of an array, where the elements from `begin` to `end` are a part of it that is not empty, and
 * its constructor alone can tell how that is made. Asks no user's code.
 */
export function makerOfPart(array: TypedArray, begin: unknown, end: unknown): Maker | undefined {
  const maker = makers.get(kindOf(array));
  if (maker === undefined || !isPlainIndex(begin) || !isPlainIndex(end)) return undefined;
  // One that resizes may have parts that do.
  if (!haveSameShape(array, maker.model)) return undefined;
  const length = lengthOf(array);
  const from = position(begin, length);
  const to = end === undefined ? length : position(end, length);
  // Where an empty array lies in a window does not tell if it is the end of one allocation or the
  // start of the next; and an array that is empty may be detached.
  if (from >= to) return undefined;
  range.from = from;
  range.to = to;
  return maker;
}
