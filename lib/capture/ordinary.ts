import { kindOf, type TypedArray, typedArrays } from '../intrinsics.js';
import {
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  SafeMap,
} from '../primordials.js';
import type { Kind } from './constructor.js';
import { hasPatchedSpecies } from './species.js';
import { replacementOn } from './typed-arrays.js';

const kinds = new SafeMap<unknown, Kind>();
for (const [name, Original] of typedArrays) {
  kinds.set(Original.prototype, { name, Original, bytesPerElement: Original.BYTES_PER_ELEMENT });
}

/** The kind of the arrays that have such a prototype; undefined for what is none of ours. */
export function kindOfPrototype(prototype: unknown): Kind | undefined {
  return kinds.get(prototype);
}

/**
 * The kind of an array from which `map` makes one by our constructor, found out without
 * asking anybody; undefined when a user's code has a say in that.
 */
export function ordinaryKindOf(array: TypedArray): Kind | undefined {
  const prototype: object | null = ObjectGetPrototypeOf(array);
  const kind = kinds.get(prototype);
  if (kind === undefined || kind.name !== kindOf(array)) return undefined;
  const maker: unknown = ObjectGetOwnPropertyDescriptor(prototype, 'constructor')?.value;
  const ordinary =
    maker === replacementOn(prototype) &&
    !ObjectHasOwn(array, 'constructor') &&
    hasPatchedSpecies(maker as object);
  return ordinary ? kind : undefined;
}

/** Whether a built-in method makes its result from `value` by our constructor, asking nobody. */
export function isOrdinary(value: unknown): value is TypedArray {
  return kindOf(value) !== undefined && ordinaryKindOf(value as TypedArray) !== undefined;
}
