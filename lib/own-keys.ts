import { types } from 'node:util';
import {
  FastBuffer,
  kindOf,
  lengthOf,
  OriginalUint8Array,
  type TypedArray,
  typedArrays,
} from './intrinsics.js';
import { haveSameShape, isShaped } from './shapes.js';

/** All of an object's own keys: it takes a third of the time of Reflect.ownKeys. */
export function keysOf(object: object): readonly PropertyKey[] {
  const names = Object.getOwnPropertyNames(object);
  const symbols = Object.getOwnPropertySymbols(object);
  return symbols.length === 0 ? names : [...names, ...symbols];
}

/** An empty array, and what has been put on it: all of its shape have the same on them. */
interface Sample {
  readonly array: TypedArray;
  readonly fields: readonly PropertyKey[];
}

const MOST_SAMPLES = 8;
const LONGEST_STRING = 100;
const samples = new WeakMap<object, Sample[]>();

/**
 * The keys of what a subclass or anyone else has put on a typed array. V8 would list its elements, too, for 0.4 µs each: 0.4 s
 * for a million. So arrays with the same prototype are compared with those that are known.
 */
export function fieldsOf(array: TypedArray): readonly PropertyKey[] {
  const prototype = Object.getPrototypeOf(array) as object | null;
  // Nothing that is not known by its prototype can be compared.
  if (prototype === null) return listFields(array);
  const known = samplesFor(prototype, array);
  for (const sample of known) if (haveSameShape(array, sample.array)) return sample.fields;
  const fields = listFields(array);
  const sample = known.length < MOST_SAMPLES ? emptyOf(prototype, array) : undefined;
  if (sample !== undefined && takesOn(sample, array, fields) && haveSameShape(array, sample)) {
    known.push({ array: sample, fields });
  }
  return fields;
}

// Elements come first.
function listFields(array: TypedArray): readonly PropertyKey[] {
  return keysOf(array).slice(lengthOf(array));
}

function samplesFor(prototype: object, array: TypedArray): Sample[] {
  let known = samples.get(prototype);
  if (known === undefined) {
    const empty = emptyOf(prototype, array);
    known = empty === undefined ? [] : [{ array: empty, fields: [] }];
    samples.set(prototype, known);
  }
  return known;
}

/** An empty array of the same kind and prototype, made without running anyone's code; undefined where that cannot be. */
function emptyOf(prototype: object, array: TypedArray): TypedArray | undefined {
  const Original = typedArrays.get(kindOf(array) as string);
  if (Original === undefined || types.isProxy(prototype)) return undefined;
  if (prototype === Original.prototype) return new Original(0);
  if (prototype === FastBuffer.prototype) return new FastBuffer(new OriginalUint8Array(0));
  const maker = dataProperty(prototype, 'constructor');
  if (typeof maker !== 'function' || types.isProxy(maker)) return undefined;
  if (dataProperty(maker, 'prototype') !== prototype) return undefined;
  try {
    const empty = Reflect.construct(Original, [0], maker) as TypedArray;
    return isShaped(empty) ? empty : undefined;
  } catch {
    // What has a prototype need not be a constructor.
    return undefined;
  }
}

function dataProperty(object: object, key: PropertyKey): unknown {
  return Reflect.getOwnPropertyDescriptor(object, key)?.value;
}

/** Puts the same on an empty array. @returns whether it can stand for others: it is kept, and must not keep anything */
function takesOn(empty: TypedArray, array: TypedArray, fields: readonly PropertyKey[]): boolean {
  for (const key of fields) {
    const field = Reflect.getOwnPropertyDescriptor(array, key) as PropertyDescriptor;
    if (!('value' in field) || !isSmall(field.value)) return false;
    Object.defineProperty(empty, key, field);
  }
  if (!Object.isExtensible(array)) Object.preventExtensions(empty);
  // Of properties in a dictionary the shape says nothing.
  return isShaped(empty);
}

function isSmall(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= LONGEST_STRING;
  return value === null || ['number', 'boolean', 'undefined'].includes(typeof value);
}
