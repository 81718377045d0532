import { gate } from '../gate.js';
import {
  kindOf,
  lengthOf,
  type TypedArray,
  TypedArrayBase,
  typedArrays,
  uncurryThis,
} from '../intrinsics.js';
import { compileAnew } from './compile-anew.js';
import { allocateArray } from './construct-slow.js';
import type { Kind } from './constructor.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';
import { hasPatchedSpecies, serving } from './species.js';
import { replacementOn } from './typed-arrays.js';

type Callback = (value: unknown, index: number, array: TypedArray) => unknown;
type MapInto = (result: TypedArray, source: TypedArray, length: number, fn: Callback) => TypedArray;

const original = TypedArrayBase.prototype.map as (this: unknown, ...args: unknown[]) => unknown;
const callOriginal = uncurryThis(original);
const callServed = uncurryThis(serving(original, 'map'));

// V8's own calls `fn` from code that is not optimised with it, which boxes each number that it
// returns, and takes zeroed memory.
function mapInto(result: never[], source: never[], length: number, fn: Callback): never[] {
  for (let i = 0; i < length; i++) result[i] = fn(source[i], i, source as never) as never;
  return result;
}

interface Mapper {
  readonly kind: Kind;
  readonly mapInto: MapInto;
}

const mappers = new Map<unknown, Mapper>();
for (const [name, Original] of typedArrays) {
  const kind = { name, Original, bytesPerElement: Original.BYTES_PER_ELEMENT };
  const compiled = compileAnew(mapInto, `${name}.map`) as unknown as MapInto;
  mappers.set(Original.prototype, { kind, mapInto: compiled });
}

// For fewer elements it does not pay to make sure that nobody else makes the result.
const FEWEST_ELEMENTS = 256;

/** Whether an array of that prototype is made by our constructor; found out without asking anybody. */
function isOrdinary(array: TypedArray, prototype: object): boolean {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return (
    maker === replacementOn(prototype) &&
    !Object.hasOwn(array, 'constructor') &&
    hasPatchedSpecies(maker as object)
  );
}

// What made the last result of resultFor is filled by.
let fill: MapInto;

/** An array for the results, undefined when V8 is to do it all. */
function resultFor(source: unknown, fn: unknown, self: unknown): TypedArray | undefined {
  const name = kindOf(source);
  if (name === undefined || typeof fn !== 'function' || self !== undefined) return undefined;
  const array = source as TypedArray;
  const length = lengthOf(array);
  if (length < FEWEST_ELEMENTS) return undefined;
  const prototype = Object.getPrototypeOf(array);
  const mapper = mappers.get(prototype);
  if (mapper?.kind.name !== name || !isOrdinary(array, prototype)) return undefined;
  fill = mapper.mapInto;
  return allocateArray(mapper.kind, undefined, length, true) ?? new mapper.kind.Original(length);
}

const replacement = {
  // Small enough to be inlined, and with it the loop and `fn`.
  map(this: unknown, fn: unknown, self: unknown): unknown {
    if (gate.open === 0) return callOriginal(this, fn, self);
    const result = resultFor(this, fn, self);
    if (result === undefined) return callServed(this, fn, self);
    return fill(result, this as TypedArray, lengthOf(result), fn as Callback);
  },
}.map;

/** Replaces `%TypedArray%.prototype.map`. */
export function patchMap(patches: Patches): void {
  patches.replace(TypedArrayBase.prototype, 'map', { value: disguise(replacement, original) });
}
