import {
  FastBuffer,
  kindOf,
  lengthOf,
  OriginalUint8Array,
  type TypedArray,
  typedArrays,
} from './intrinsics.js';
import {
  MathMin,
  ObjectDefineProperty,
  ObjectGetOwnPropertyNames,
  ObjectGetOwnPropertySymbols,
  ObjectGetPrototypeOf,
  ObjectIsExtensible,
  ObjectPreventExtensions,
  ObjectSetPrototypeOf,
  ReflectConstruct,
  ReflectGetOwnPropertyDescriptor,
  SafeWeakMap,
  types,
} from './primordials.js';
import { anyInChain } from './proxies.js';
import { haveSameShape, isShaped } from './shapes.js';

/** All of an object's own keys: it takes a third of the time of Reflect.ownKeys. */
export function keysOf(object: object): readonly PropertyKey[] {
  const names = ObjectGetOwnPropertyNames(object);
  const symbols = ObjectGetOwnPropertySymbols(object);
  return symbols.length === 0 ? names : [...names, ...symbols];
}

/** An empty array, and what has been put on it: all of its shape have the same on them. */
interface Sample {
  readonly array: TypedArray;
  readonly fields: readonly PropertyKey[];
}

const MOST_SAMPLES = 8;
const MOST_FAILURES = 8;

/** The samples of a prototype. */
class Samples {
  readonly #known: Sample[];
  // How many arrays in a row nothing could stand for: their shapes may come of what no copy has, as #private members.
  #failures = 0;

  constructor(
    readonly prototype: object,
    array: TypedArray,
  ) {
    this.#known = emptiesOf(prototype, array).map((empty) => ({ array: empty, fields: [] }));
  }

  fieldsOf(array: TypedArray): readonly PropertyKey[] {
    for (const sample of this.#known) if (haveSameShape(array, sample.array)) return sample.fields;
    const fields = listFields(array);
    if (this.#failures < MOST_FAILURES) this.#learn(array, fields);
    return fields;
  }

  #learn(array: TypedArray, fields: readonly PropertyKey[]): void {
    this.#failures++;
    for (const empty of emptiesOf(this.prototype, array)) {
      if (!takesOn(empty, array, fields) || !haveSameShape(array, empty)) continue;
      this.#failures = 0;
      this.#known.unshift({ array: empty, fields });
      this.#known.length = MathMin(this.#known.length, MOST_SAMPLES);
      return;
    }
  }
}

const samples = new SafeWeakMap<object, Samples>();

/**
 * The keys of what a subclass or anyone else has put on a typed array. V8 would list its elements, too, for 0.4 µs each. So
 * arrays with the same prototype are compared with those that are known.
 */
export function fieldsOf(array: TypedArray): readonly PropertyKey[] {
  const prototype = ObjectGetPrototypeOf(array) as object | null;
  if (prototype === null || types.isProxy(prototype)) return listFields(array);
  let known = samples.get(prototype);
  if (known === undefined) {
    known = new Samples(prototype, array);
    samples.set(prototype, known);
  }
  return known.fieldsOf(array);
}

// Elements come first.
function listFields(array: TypedArray): readonly PropertyKey[] {
  return keysOf(array).slice(lengthOf(array));
}

/** Empty arrays of the same kind and prototype, each made in another way; no code of users runs for that. */
function emptiesOf(prototype: object, array: TypedArray): TypedArray[] {
  const Original = typedArrays.get(kindOf(array) as string);
  if (Original === undefined) return [];
  if (prototype === Original.prototype) return [new Original(0)];
  if (prototype === FastBuffer.prototype) return [new FastBuffer(new OriginalUint8Array(0))];
  const empties = [ObjectSetPrototypeOf(new Original(0), prototype) as TypedArray];
  const maker = dataProperty(prototype, 'constructor');
  const isMaker =
    typeof maker === 'function' &&
    !types.isProxy(maker) &&
    dataProperty(maker, 'prototype') === prototype &&
    // V8 notes with a class what its instances are; it must not take down another kind.
    anyInChain(prototype, (object) => object === Original.prototype);
  if (isMaker) {
    try {
      empties.unshift(ReflectConstruct(Original, [0], maker) as TypedArray);
    } catch {
      // What has a prototype need not be a constructor.
    }
  }
  return empties.filter(isShaped);
}

function dataProperty(object: object, key: PropertyKey): unknown {
  return ReflectGetOwnPropertyDescriptor(object, key)?.value;
}

/** Puts the same on an empty array. @returns whether its shape says what is on it */
function takesOn(empty: TypedArray, array: TypedArray, fields: readonly PropertyKey[]): boolean {
  for (const key of fields) {
    const field = ReflectGetOwnPropertyDescriptor(array, key) as PropertyDescriptor;
    // A shape holds a getter itself, but of values only whether they are numbers. No others are to be kept alive.
    if (!('value' in field)) return false;
    if (typeof field.value !== 'number') field.value = null;
    ObjectDefineProperty(empty, key, field);
  }
  if (!ObjectIsExtensible(array)) ObjectPreventExtensions(empty);
  // Of properties in a dictionary the shape says nothing.
  return isShaped(empty);
}
