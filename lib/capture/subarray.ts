import { gate } from '../gate.js';
import {
  bufferOf,
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
import { contentTypeOf } from './construct-slow.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';
import { isReplacement } from './typed-arrays.js';

const original = TypedArrayBase.prototype.subarray;
const originalSubarray = uncurryThis(
  original as (this: unknown, begin: unknown, end: unknown) => TypedArray,
);

/** A relative index of the specification, as a position from 0 to `length`. */
export function position(index: unknown, length: number): number {
  const integer = Math.trunc(Number(index)) || 0;
  return integer < 0 ? Math.max(length + integer, 0) : Math.min(integer, length);
}

// SpeciesConstructor of the specification; undefined stands for the default.
function speciesOf(maker: unknown): unknown {
  if (maker === undefined) return undefined;
  if ((typeof maker !== 'object' && typeof maker !== 'function') || !maker) {
    throw new TypeError('The .constructor property is not an object');
  }
  return (maker as { [Symbol.species]?: unknown })[Symbol.species] ?? undefined;
}

// Constructors of users are given the array's exact buffer, not the window.
function subarrayByUser(
  array: TypedArray,
  windows: Windows,
  species: unknown,
  begin: unknown,
  end: unknown,
): TypedArray {
  const length = lengthOf(array);
  const from = position(begin, length);
  const to = end === undefined ? length : position(end, length);
  const kind = kindOf(array) as string;
  const { BYTES_PER_ELEMENT } = typedArrays.get(kind) as TypedArrayConstructor;
  const offset = byteOffsetOf(array);
  const relative = offset - startOf(offset, length * BYTES_PER_ELEMENT, windows);
  const result: unknown = Reflect.construct(
    (species ?? typedArrays.get(kind)) as TypedArrayConstructor,
    [exactBufferOf(array, windows), relative + from * BYTES_PER_ELEMENT, Math.max(to - from, 0)],
  );
  const resultKind = kindOf(result);
  if (resultKind === undefined) throw new TypeError('this is not a typed array.');
  if (contentTypeOf(resultKind) !== contentTypeOf(kind)) {
    throw new TypeError('Content type of source and derived typed arrays differ');
  }
  return result as TypedArray;
}

const replacement = {
  subarray(this: TypedArray, begin: unknown, end: unknown): TypedArray {
    if (gate.used && kindOf(this) !== undefined) {
      const windows = windowsOf(bufferOf(this));
      if (windows !== undefined) {
        const maker: unknown = this.constructor;
        const species = speciesOf(maker);
        if (species !== maker || !isReplacement(species)) {
          return subarrayByUser(this, windows, species, begin, end);
        }
      }
    }
    return originalSubarray(this, begin, end);
  },
}.subarray;

/** Replaces `%TypedArray%.prototype.subarray`, which shows a user's constructor the buffer. */
export function patchSubarray(patches: Patches): void {
  disguise(replacement, original);
  patches.replace(TypedArrayBase.prototype, 'subarray', { value: replacement });
}
