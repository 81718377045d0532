import {
  bufferOf,
  byteOffsetOf,
  kindOf,
  lengthOf,
  type TypedArray,
  type TypedArrayConstructor,
  typedArrays,
} from '../intrinsics.js';
import { SafeMap } from '../primordials.js';
import { haveSameShape } from '../shapes.js';
import { compileAnew } from './compile-anew.js';
import type { Kind } from './constructor.js';
import { isPlainIndex, position } from './position.js';
import { servedSpeciesOf } from './species.js';
import { replacementOn } from './typed-arrays.js';

// V8 makes parts of arrays in half the time as long as it knows their constructors. Since we have
// replaced those, parts that it would make by them are made here.

/** What is compiled for a kind: V8 then knows which constructor it is, and whose properties it looks at. */
interface Compiled {
  /**
   * Looks at the array's constructor and its species, once.
   * @returns undefined when they are the built-in ones; otherwise what gives V8 the same answers
   */
  readonly userConstructorOf: (array: TypedArray) => PropertyDescriptor | undefined;
  /** A view of `count` elements from the element `from` on. */
  readonly view: (array: TypedArray, from: number, count: number) => TypedArray;
  /** The view if its constructor is the built-in one; in one call, as calls to one of twelve take a while. */
  readonly part: (array: TypedArray, from: number, count: number) => TypedArray | undefined;
}

/** A kind of array, and what tells that no user has a say in its parts. */
export interface Maker extends Kind, Compiled {
  /** An array that neither resizes nor has properties. */
  readonly model: TypedArray;
}

/** What {@link Compiled.userConstructorOf} has told {@link Compiled.part} last. */
export const found: { property: PropertyDescriptor | undefined } = { property: undefined };

const surroundings = { found, bufferOf, byteOffsetOf, servedSpeciesOf };

// Refers to nothing but its parameters.
function makeCompiled(
  Original: TypedArrayConstructor,
  bytesPerElement: number,
  replacement: unknown,
  { found, bufferOf, byteOffsetOf, servedSpeciesOf }: typeof surroundings,
): Compiled {
  function userConstructorOf(array: TypedArray): PropertyDescriptor | undefined {
    const maker: unknown = array.constructor;
    if (maker !== replacement) return { __proto__: null, value: maker } as PropertyDescriptor;
    const species = servedSpeciesOf(maker as object) ?? maker;
    return species === maker
      ? undefined
      : ({ __proto__: null, value: { [Symbol.species]: species } } as PropertyDescriptor);
  }
  function view(array: TypedArray, from: number, count: number): TypedArray {
    const offset = byteOffsetOf(array) + from * bytesPerElement;
    return new Original(bufferOf(array), offset, count);
  }
  function part(array: TypedArray, from: number, count: number): TypedArray | undefined {
    found.property = userConstructorOf(array);
    return found.property === undefined ? view(array, from, count) : undefined;
  }
  return { userConstructorOf, view, part };
}

function makerOf(name: string, Original: TypedArrayConstructor): Maker {
  const { BYTES_PER_ELEMENT: bytesPerElement, prototype } = Original;
  const make = compileAnew(makeCompiled, name);
  const compiled = make(Original, bytesPerElement, replacementOn(prototype), surroundings);
  return { name, Original, bytesPerElement, model: new Original(0), ...compiled };
}

// By the names of their kinds.
const makers = new SafeMap<unknown, Maker>();
let latest: Maker | undefined;

/** To be called when the constructors have been replaced, or put back. */
export function findMakers(): void {
  for (const [name, Original] of typedArrays) makers.set(name, makerOf(name, Original));
  latest = makers.get('Uint8Array');
}

/** What makes parts of an array of a kind, whatever has become of it. */
export function makerOfKind(array: TypedArray): Maker {
  return makers.get(kindOf(array)) as Maker;
}

// Mostly it is the same as the last time, and to compare names takes less than to look one up.
function makerNamed(name: string | undefined): Maker | undefined {
  if (name !== latest?.name) latest = makers.get(name) ?? latest;
  return name === latest?.name ? latest : undefined;
}

/** Which elements {@link makerOfPart} has found last. */
export const range = { from: 0, to: 0 };

/**
 * What makes parts of an array, where the elements from `begin` to `end` are a part of it that is not empty, and
 * its constructor alone can tell how that is made. Asks no user's code.
 */
export function makerOfPart(array: TypedArray, begin: unknown, end: unknown): Maker | undefined {
  const maker = makerNamed(kindOf(array));
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
