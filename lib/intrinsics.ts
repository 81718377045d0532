// The originals, as they were when this file was loaded. The rest of the
// package uses these, so that it neither allocates from its own arenas nor
// depends on what others replace later.
import {
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  SafeMap,
  uncurryThis,
} from './primordials.js';

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

export type TypedArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  readonly prototype: TypedArray;
  new (length: number): TypedArray;
  new (source: TypedArray): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray;
};

const TYPED_ARRAY_NAMES = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  // Node 24 and later.
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

const globals = globalThis as unknown as Record<string, TypedArrayConstructor | undefined>;

/** The typed-array constructors of this realm by name, as Node made them. */
export const typedArrays: ReadonlyMap<string, TypedArrayConstructor> = new SafeMap(
  TYPED_ARRAY_NAMES.flatMap((name) => {
    const Original = globals[name];
    return Original === undefined ? [] : [[name, Original] as const];
  }),
);

export const {
  ArrayBuffer: OriginalArrayBuffer,
  Uint8Array: OriginalUint8Array,
  Uint32Array: OriginalUint32Array,
  Float64Array: OriginalFloat64Array,
  DataView: OriginalDataView,
  structuredClone: originalStructuredClone,
  setTimeout: startTimer,
  clearTimeout: stopTimer,
  setImmediate: startImmediate,
} = globalThis;

/** Milliseconds, also where tests have put a clock of their own in the place of Node's. */
export const now = performance.now.bind(performance);

/** `%TypedArray%`, which has no global name. */
export const TypedArrayBase = ObjectGetPrototypeOf(Uint8Array) as {
  readonly prototype: TypedArray;
};

/** The class that all Buffers are instances of; it has no other public name. */
export const FastBuffer = (Buffer as unknown as { [Symbol.species]: unknown })[
  Symbol.species
] as new (
  source: ArrayBufferLike | TypedArray,
  byteOffset?: number,
  length?: number,
) => Buffer;

function getterOf<Result>(prototype: object, name: PropertyKey): (self: unknown) => Result {
  const getter = ObjectGetOwnPropertyDescriptor(prototype, name)?.get;
  if (getter === undefined) throw new TypeError(`no getter ${String(name)}`);
  return uncurryThis(getter as (this: unknown) => Result);
}

/** The getters of `%TypedArray%.prototype`; they throw on anything but a typed array. */
export const bufferOf = getterOf<ArrayBufferLike>(TypedArrayBase.prototype, 'buffer');
export const byteOffsetOf = getterOf<number>(TypedArrayBase.prototype, 'byteOffset');
export const byteLengthOf = getterOf<number>(TypedArrayBase.prototype, 'byteLength');
export const lengthOf = getterOf<number>(TypedArrayBase.prototype, 'length');
/** The constructor's name for a typed array of any realm, undefined for all else. */
export const kindOf = getterOf<string | undefined>(TypedArrayBase.prototype, Symbol.toStringTag);
export const setElements = uncurryThis(
  TypedArrayBase.prototype.set as (this: TypedArray, from: ArrayLike<unknown>, at?: number) => void,
);
export const fillElements = uncurryThis(
  OriginalUint8Array.prototype.fill as (
    this: Uint8Array,
    value: number,
    start: number,
    end: number,
  ) => void,
);
export const arrayBufferByteLength = getterOf<number>(ArrayBuffer.prototype, 'byteLength');
export const dataViewBufferOf = getterOf<ArrayBufferLike>(DataView.prototype, 'buffer');
export const dataViewOffsetOf = getterOf<number>(DataView.prototype, 'byteOffset');
export const dataViewLengthOf = getterOf<number>(DataView.prototype, 'byteLength');

/** The getter of a property, own or inherited, undefined for a value; calls nothing. */
export const lookupGetter = uncurryThis(
  (Object.prototype as unknown as { __lookupGetter__(key: PropertyKey): unknown }).__lookupGetter__,
) as (self: object, key: PropertyKey) => (() => unknown) | undefined;
