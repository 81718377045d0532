import { gate } from '../gate.js';
import { kindOf, lengthOf, type TypedArray, TypedArrayBase } from '../intrinsics.js';
import {
  ArrayIsArray,
  NumberIsInteger,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  SafeMap,
  types,
  uncurryThis,
} from '../primordials.js';
import { compilerOf } from './compile-anew.js';
import { allocateArray } from './construct-slow.js';
import type { Kind } from './constructor.js';
import { hasOrdinaryIterators } from './from-array.js';
import { disguise } from './native-source.js';
import { kindOfPrototype } from './ordinary.js';
import type { Patches } from './patches.js';
import { double, holdsSmallFloats } from './through-double.js';
import { kindMadeBy } from './typed-arrays.js';

type Callback = (value: unknown, index: number) => unknown;
type Elements = ArrayLike<unknown>;
type MapInto = (
  result: TypedArray,
  source: Elements,
  length: number,
  fn: Callback,
  double: Float64Array,
) => TypedArray;

const original = (TypedArrayBase as unknown as { from: (...args: unknown[]) => unknown }).from;
const callOriginal = uncurryThis(original as (this: unknown, ...args: unknown[]) => unknown);

// As with `map`: V8's own calls `fn` from code that is not optimised with it, which takes 60 ns an element.
function mapInto(
  result: never[],
  source: ArrayLike<never>,
  length: number,
  fn: (value: never, index: number) => never,
): never[] {
  for (let i = 0; i < length; i++) result[i] = fn(source[i] as never, i);
  return result;
}

function mapToFloats(
  result: number[],
  source: ArrayLike<number>,
  length: number,
  fn: (value: number, index: number) => number,
  double: Float64Array,
): number[] {
  for (let i = 0; i < length; i++) {
    double[0] = fn(source[i] as number, i);
    result[i] = double[0];
  }
  return result;
}

const compileLoop = compilerOf(mapInto);
const compileFloatLoop = compilerOf(mapToFloats);

type Form = 'array' | 'typed array' | 'object';

// Compiled when they are needed: programs use few of them.
const loops = new SafeMap<string, MapInto>();

function loopFor({ name }: Kind, form: Form): MapInto {
  const key = `${name} from ${form}`;
  const known = loops.get(key);
  if (known !== undefined) return known;
  const compile = holdsSmallFloats(name) ? compileFloatLoop : compileLoop;
  const loop = compile(`${name}.from`) as unknown as MapInto;
  loops.set(key, loop);
  return loop;
}

// For fewer elements it does not pay to make sure that nobody notices.
const FEWEST_ELEMENTS = 16;
const MOST_ELEMENTS = 2 ** 32;

const arrayPrototype = Array.prototype;
const arrayValues = arrayPrototype.values;
const { prototype: typedPrototype } = TypedArrayBase;
const typedValues = typedPrototype.values;
const objectPrototype = Object.prototype;

/** The value of an own property; undefined where there is none, or only a getter. */
function dataOf(object: object, key: PropertyKey): unknown {
  const property = ObjectGetOwnPropertyDescriptor(object, key);
  // Not what Object.prototype may have by that name.
  return property !== undefined && ObjectHasOwn(property, 'value') ? property.value : undefined;
}

/** Elements that nobody notices being read, in the order in which V8 reads them. */
interface Source {
  readonly form: Form;
  /** A copy where all are read before the first is mapped. */
  readonly elements: Elements;
  readonly length: number;
}

/** @returns undefined where users' code has a say in what the elements are, or there are few */
function sourceFrom(value: object): Source | undefined {
  if (types.isProxy(value) || ObjectHasOwn(value, Symbol.iterator)) return undefined;
  if (ArrayIsArray(value)) return sourceFromArray(value);
  return kindOf(value) === undefined
    ? sourceFromObject(value)
    : sourceFromTypedArray(value as TypedArray);
}

function sourceFromArray(array: readonly unknown[]): Source | undefined {
  const { length } = array;
  const ordinary =
    length >= FEWEST_ELEMENTS &&
    ObjectGetPrototypeOf(array) === arrayPrototype &&
    dataOf(arrayPrototype, Symbol.iterator) === arrayValues &&
    hasOrdinaryIterators();
  if (!ordinary) return undefined;
  const elements = [...array];
  return { form: 'array', elements, length: elements.length };
}

function sourceFromTypedArray(array: TypedArray): Source | undefined {
  const length = lengthOf(array);
  const prototype: object = ObjectGetPrototypeOf(array);
  const kind = kindOfPrototype(prototype);
  const ordinary =
    length >= FEWEST_ELEMENTS &&
    kind !== undefined &&
    kind.name === kindOf(array) &&
    !ObjectHasOwn(prototype, Symbol.iterator) &&
    ObjectGetPrototypeOf(prototype) === typedPrototype &&
    dataOf(typedPrototype, Symbol.iterator) === typedValues &&
    hasOrdinaryIterators();
  if (!ordinary) return undefined;
  const elements = new kind.Original(array as never) as unknown as Elements;
  return { form: 'typed array', elements, length };
}

/** `{ length: 100 }`: the elements are read one by one, each before it is mapped. */
function sourceFromObject(object: object): Source | undefined {
  const ordinary =
    ObjectGetPrototypeOf(object) === objectPrototype &&
    !ObjectHasOwn(objectPrototype, Symbol.iterator);
  const length = ordinary ? dataOf(object, 'length') : undefined;
  if (!isCount(length) || length < FEWEST_ELEMENTS) return undefined;
  return { form: 'object', elements: object as Elements, length };
}

/** Whether V8 makes arrays of so many elements, or refuses for want of memory only. */
function isCount(length: unknown): length is number {
  return NumberIsInteger(length) && (length as number) < MOST_ELEMENTS;
}

const replacement = {
  from(this: unknown, source: unknown, fn: unknown, self: unknown): unknown {
    if (gate.open > 0 && typeof fn === 'function' && self === undefined) {
      const kind = kindMadeBy(this);
      const read = kind !== undefined && isObject(source) ? sourceFrom(source) : undefined;
      if (kind !== undefined && read !== undefined) {
        const { form, elements, length } = read;
        const result = allocateArray(kind, undefined, length, true) ?? new kind.Original(length);
        return loopFor(kind, form)(result, elements, length, fn as Callback, double);
      }
    }
    return callOriginal(this, source, fn, self);
  },
}.from;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Replaces `%TypedArray%.from`, for the sake of those that are given a function. */
export function patchFrom(patches: Patches): void {
  patches.replace(TypedArrayBase, 'from', { value: disguise(replacement, original) });
}
