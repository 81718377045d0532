import { constants } from 'node:buffer';
import { scopeFor } from '../current-scope.js';
import { gate } from '../gate.js';
import {
  bufferOf,
  fillElements,
  kindOf,
  lengthOf,
  setElements,
  type TypedArray,
  TypedArrayBase,
} from '../intrinsics.js';
import {
  ArrayFrom,
  ArrayIsArray,
  MathMin,
  MathTrunc,
  NumberIsInteger,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  ObjectSetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
  types,
} from '../primordials.js';
import { anyInChain } from '../proxies.js';
import { place } from '../source.js';
import type { Kind, NewTarget } from './constructor.js';
import { hasOrdinaryIterators, numberCopierOf } from './from-array.js';
import { isNodeLoading } from './node-loading.js';
import { isOrdinaryBySpecies } from './species.js';

// Larger arrays than V8 can make are left to V8 to refuse.
const MOST_ELEMENTS = 2 ** 32;
// Node 20 makes no larger external ArrayBuffers, and throws.
const MOST_BYTES = constants.MAX_LENGTH;

/**
 * An array of `length` elements in the current scope's memory.
 * @returns undefined when V8 is to make it: no scope, too small, no memory
 */
export function allocateArray(
  kind: Kind,
  newTarget: NewTarget | undefined,
  length: number,
  overwritten: boolean,
): TypedArray | undefined {
  const bytes = length * kind.bytesPerElement;
  if (gate.open === 0 || bytes < gate.floor || bytes > MOST_BYTES) return undefined;
  const scope = scopeFor(bytes);
  if (bytes < scope.minBytes || isNodeLoading()) return undefined;
  if (!scope.source.allocate(bytes, scope.zeroFill && !overwritten)) return undefined;
  const { buffer, offset } = place;
  if (newTarget === undefined) return new kind.Original(buffer, offset, length);
  const array = ReflectConstruct(kind.Original, [buffer, offset, length], newTarget) as TypedArray;
  if (anyInChain(array, isBase)) return array;
  // Another realm's prototype, or none with a `.buffer`: its getter would show the window.
  return ObjectSetPrototypeOf(new kind.Original(length), ObjectGetPrototypeOf(array));
}

const isBase = (object: object) => object === TypedArrayBase.prototype;

function constructOriginal(
  { Original }: Kind,
  newTarget: NewTarget | undefined,
  args: unknown[],
): TypedArray {
  return ReflectConstruct(Original, args, newTarget ?? Original) as TypedArray;
}

/** BigInt and Number elements cannot be copied into one another. */
function holdsBigInts(name: string): boolean {
  return name === 'BigInt64Array' || name === 'BigUint64Array';
}

/** A `new.target` that was asked for its prototype has resized the source, which is too long now, too short or gone. */
function copyResized(kind: Kind, array: TypedArray, source: TypedArray): void {
  const length = lengthOf(array);
  // Throws what V8 throws where it is gone.
  const now = constructOriginal(kind, undefined, [source]);
  const copied = MathMin(lengthOf(now), length);
  setElements(array, new kind.Original(bufferOf(now), 0, copied) as ArrayLike<unknown>);
  // As what is not there any more reads: zeros, NaN, or no BigInt.
  if (copied < length) fillElements(array as never, undefined as never, copied, length);
}

function fromTypedArray(
  kind: Kind,
  newTarget: NewTarget | undefined,
  source: TypedArray,
): TypedArray | undefined {
  if (holdsBigInts(kindOf(source) as string) !== holdsBigInts(kind.name)) return undefined;
  const length = lengthOf(source);
  const array = allocateArray(kind, newTarget, length, true);
  if (array === undefined) return undefined;
  if (lengthOf(source) === length) setElements(array, source as ArrayLike<unknown>);
  else copyResized(kind, array, source);
  return array;
}

const arrayValues = Array.prototype.values;
const ownElement = { __proto__: null, writable: true, enumerable: true, configurable: true };

// Whether looking at its length goes unnoticed. A revoked Proxy cannot even be asked if it is an array.
function isPlainArray(value: object): value is unknown[] {
  return !types.isProxy(value) && ArrayIsArray(value);
}

function isIteratedAsArray(source: object, method: unknown): source is unknown[] {
  // The prototype of another class may be asked for the method twice, and answer otherwise.
  return (
    isPlainArray(source) &&
    method === arrayValues &&
    ObjectGetPrototypeOf(source) === Array.prototype &&
    !ObjectHasOwn(source, Symbol.iterator)
  );
}

function put(list: unknown[], index: number, value: unknown): void {
  if (index < list.length) list[index] = value;
  else ObjectDefineProperty(list, index, { ...ownElement, value });
}

/** @returns undefined when iterating is more than reading one element after the other */
function fromArray(kind: Kind, source: readonly unknown[]): TypedArray | undefined {
  const copyNumbers = numberCopierOf(kind.name);
  if (copyNumbers === undefined || !hasOrdinaryIterators()) return undefined;
  const array = makeOverwritten(kind, undefined, source.length);
  return copyNumbers(array, source, source.length, (copied, read) => {
    // With an element of its own for each, lest one be set that users have given to the prototype of arrays.
    const list = ArrayFrom<unknown>({ length: source.length });
    let i = 0;
    for (; i < copied; i++) put(list, i, array[i]);
    for (let j = 0; j < read.length; i++, j++) put(list, i, read[j]);
    for (; i < source.length; i++) put(list, i, source[i]);
    list.length = i;
    if (list.length !== lengthOf(array)) return fromList(kind, undefined, list);
    setElements(array, list);
    return array;
  });
}

// What the specification calls IterableToList, with one look at the iterator
// method, which may be a getter.
function listFrom(source: object, method: unknown): unknown[] {
  // Faster, but looks at the method again.
  if (isIteratedAsArray(source, method)) return [...source];
  const iterable: Iterable<unknown> = {
    [Symbol.iterator]: () => ReflectApply(method as () => Iterator<unknown>, source, []),
  };
  return ArrayFrom(iterable);
}

/** An array in whose elements there may be anything: the current scope's, or V8's. */
function makeOverwritten(kind: Kind, newTarget: NewTarget | undefined, length: number): TypedArray {
  return (
    allocateArray(kind, newTarget, length, true) ?? constructOriginal(kind, newTarget, [length])
  );
}

function fromList(kind: Kind, newTarget: NewTarget | undefined, list: unknown[]): TypedArray {
  const array = makeOverwritten(kind, newTarget, list.length);
  setElements(array, list);
  return array;
}

// ToLength of the specification.
function toLength(value: unknown): number {
  // Unlike Number(), it refuses BigInts.
  const length = MathTrunc(+(value as number));
  return length > 0 ? MathMin(length, Number.MAX_SAFE_INTEGER) : 0;
}

function fromArrayLike(kind: Kind, newTarget: NewTarget | undefined, source: object): TypedArray {
  const from = source as ArrayLike<unknown>;
  const length = toLength(from.length);
  const array =
    (length < MOST_ELEMENTS ? allocateArray(kind, newTarget, length, false) : undefined) ??
    constructOriginal(kind, newTarget, [length]);
  const elements = array as unknown as Record<number, unknown>;
  for (let i = 0; i < length; i++) elements[i] = from[i];
  return array;
}

/**
 * `new` on a typed-array constructor, wherever the fast path in constructor.ts does not serve:
 * copies, subclasses, full windows, bad arguments.
 *
 * @param newTarget - undefined for the constructor itself
 */
export function constructSlow(
  kind: Kind,
  newTarget: NewTarget | undefined,
  a: unknown,
  b: unknown,
  c: unknown,
): TypedArray {
  if (gate.open === 0 || isOrdinaryBySpecies()) {
    return constructOriginal(kind, newTarget, [a, b, c]);
  }
  if (typeof a === 'number') {
    const integer = NumberIsInteger(a) && a < MOST_ELEMENTS;
    const array = integer ? allocateArray(kind, newTarget, a, false) : undefined;
    return array ?? constructOriginal(kind, newTarget, [a]);
  }
  if (
    (typeof a !== 'object' && typeof a !== 'function') ||
    a === null ||
    types.isAnyArrayBuffer(a)
  ) {
    return constructOriginal(kind, newTarget, [a, b, c]);
  }
  if (kindOf(a) !== undefined) {
    return (
      fromTypedArray(kind, newTarget, a as TypedArray) ?? constructOriginal(kind, newTarget, [a])
    );
  }
  if (isPlainArray(a)) {
    const bytes = a.length * kind.bytesPerElement;
    if (bytes < gate.floor || bytes < scopeFor(bytes).minBytes) {
      return constructOriginal(kind, newTarget, [a]);
    }
  }
  const method: unknown = (a as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (method === undefined || method === null) return fromArrayLike(kind, newTarget, a);
  // It has been asked for, which is to happen once.
  if (typeof method !== 'function') {
    return constructOriginal(kind, newTarget, [{ [Symbol.iterator]: method }]);
  }
  const array =
    newTarget === undefined && isIteratedAsArray(a, method) ? fromArray(kind, a) : undefined;
  return array ?? fromList(kind, newTarget, listFrom(a, method));
}
