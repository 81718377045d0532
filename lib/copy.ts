import {
  type Binary,
  bufferUnder,
  bytesUnder,
  hasFields,
  isArenaArray,
  isBinary,
} from './binary.js';
import { containersOf, isInstance, isOpaque, isStack } from './containers.js';
import { BinaryCopier, withPrototypeOf } from './copy-binaries.js';
import { type CopyBytes, copyBytes, copyToRun } from './copy-bytes.js';
import { copySmall, UNUSUAL } from './copy-small.js';
import { arrayBufferByteLength, type TypedArray } from './intrinsics.js';
import { native } from './native.js';
import { keysOf } from './own-keys.js';
import {
  ArrayIsArray,
  MapPrototypeForEach,
  MapPrototypeSet,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectIsExtensible,
  ObjectPreventExtensions,
  ReflectGetOwnPropertyDescriptor,
  SafeMap,
  SetPrototypeAdd,
  SetPrototypeForEach,
  types,
} from './primordials.js';

function emptyLike(container: object): object {
  if (ArrayIsArray(container)) return withPrototypeOf(container, new Array(container.length));
  if (types.isMap(container)) return withPrototypeOf(container, new Map());
  if (types.isSet(container)) return withPrototypeOf(container, new Set());
  return ObjectCreate(ObjectGetPrototypeOf(container));
}

/** Rebuilds the containers of arena memory, cycles and sharing included. */
class Copier {
  readonly #rebuilt = new SafeMap<object, object>();
  readonly #binaries: BinaryCopier;
  // Containers that have been made but not filled; a list, as graphs may be deep.
  readonly #pending: object[] = [];

  constructor(
    readonly containers: ReadonlySet<object>,
    binaries: BinaryCopier,
  ) {
    this.#binaries = binaries;
  }

  copy(root: object): object {
    const copy = this.#copyOf(root);
    const { bare } = this.#binaries;
    // Each may bring more of both.
    while (this.#pending.length > 0 || bare.length > 0) {
      for (const container of this.#pending.splice(0)) this.#fill(container);
      for (const each of bare.splice(0)) this.#copyFields(each.value, each.copy);
    }
    return copy as object;
  }

  readonly #copyOf = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const isArray = isBinary(value);
    if (isArray && this.#binaries.picks(value)) return this.#binaries.copy(value);
    if (!this.containers.has(value)) return value;
    let copy = this.#rebuilt.get(value);
    if (copy === undefined) {
      const isKept =
        isArray || (this.#binaries.keepsInstances && (isOpaque(value) || isInstance(value)));
      copy = isKept ? value : emptyLike(value);
      this.#rebuilt.set(value, copy);
      this.#pending.push(value);
    }
    return copy;
  };

  #copyFields(value: Binary, copy: object): void {
    for (const key of this.#binaries.fieldsOn(value)) {
      const field = ReflectGetOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      if ('value' in field) field.value = this.#copyOf(field.value);
      ObjectDefineProperty(copy, key, field);
    }
    if (!ObjectIsExtensible(value)) ObjectPreventExtensions(copy);
  }

  #fill(container: object): void {
    const copy = this.#rebuilt.get(container) as object;
    if (types.isMap(container)) {
      MapPrototypeForEach(container, (value, key) => {
        MapPrototypeSet(copy as Map<unknown, unknown>, this.#copyOf(key), this.#copyOf(value));
      });
    } else if (types.isSet(container)) {
      SetPrototypeForEach(container, (value) => {
        SetPrototypeAdd(copy as Set<unknown>, this.#copyOf(value));
      });
    }
    for (const key of isBinary(container)
      ? this.#binaries.fieldsOn(container)
      : keysOf(container)) {
      if (isStack(container, key)) continue;
      const property = ReflectGetOwnPropertyDescriptor(container, key) as PropertyDescriptor;
      const { value } = property;
      if ('value' in property) property.value = this.#copyOf(value);
      if (copy === container) {
        // What cannot be written on what cannot be rebuilt stays as it is.
        if (property.value === value || !(property.configurable || property.writable)) continue;
      }
      ObjectDefineProperty(copy, key, property);
    }
    if (!ObjectIsExtensible(container)) ObjectPreventExtensions(copy);
  }
}

/**
 * Copies a value out of arena memory: every typed array, Buffer, DataView and ArrayBuffer in it
 * that lies in an arena is copied to ordinary memory, at any depth of plain objects, arrays, Maps, Sets
 * and class instances. Cycles stay cycles, what was shared stays shared, and views of one buffer
 * stay views of one buffer. Properties of an array, those that its class has put there and others,
 * are copied with it. The value itself is not changed; parts without arena memory are not copied but
 * referred to.
 *
 * Not looked into: closures, `#private` fields, getters, Proxies, promises, errors, what has been put
 * on arrays that do not lie in an arena themselves, and objects that own a resource (EventEmitters,
 * streams, Blobs). A class that keeps arrays in `#private` fields has
 * to be copied by its own methods.
 *
 * @returns the copy, or `value` itself when there is no arena memory in it
 */
export function copyFromArena<T>(value: T): T {
  return copyArenaArrays(value, false, copyBytes);
}

/**
 * {@link copyFromArena} for memory that is about to be used again, so that nobody needs the value as it was: instances of
 * classes stay what they are, and copies take the places of the arrays in them.
 *
 * @param isReleased - whether it is, and the copies need not be in ordinary memory
 */
export function copyOutOfArena<T>(value: T, isReleased: boolean): T {
  return copyArenaArrays(value, true, isReleased ? copyToRun : copyBytes);
}

function copyArenaArrays<T>(value: T, keepsInstances: boolean, copyTo: CopyBytes): T {
  if (typeof value !== 'object' || value === null) return value;
  const small = copySmall(value, copyTo);
  if (small !== UNUSUAL) return small as T;
  return copyWith(value, new BinaryCopier(isArenaArray, keepsInstances, copyTo));
}

/**
 * Has `take` take the ArrayBuffer of a copy of `view` away. Where it did, and did not refuse, the buffer of `view` is detached
 * as well. An array on a window stays as it is: the window is not its own to give away.
 *
 * @returns what `take` returns
 */
export function transferCopy<T>(view: ArrayBufferView, take: (copy: ArrayBufferView) => T): T {
  const copy = new BinaryCopier(isArenaArray).copy(view as TypedArray) as ArrayBufferView;
  const copied = bufferUnder(copy as Binary);
  const { buffer } = view;
  try {
    return take(copy);
  } finally {
    const wasTaken = arrayBufferByteLength(copied) === 0;
    if (wasTaken && types.isArrayBuffer(buffer)) native.detach(buffer);
  }
}

/**
 * Copies every ArrayBuffer of `minBytes` or more, in an arena or not, so that the copies can be
 * transferred to another thread: whoever still refers to the originals keeps them whole.
 * SharedArrayBuffers and resizable ArrayBuffers are left alone.
 *
 * @returns the value with the copies in place, and their ArrayBuffers
 */
export function copyLargeBuffers<T>(value: T, minBytes: number): [T, ArrayBuffer[]] {
  const binaries = new BinaryCopier((binary) => bytesUnder(binary) >= minBytes);
  return [copyWith(value, binaries), binaries.buffers];
}

function copyWith<T>(value: T, binaries: BinaryCopier): T {
  if (typeof value !== 'object' || value === null) return value;
  const isPicked = isBinary(value) && binaries.picks(value);
  if (isBinary(value)) {
    if (!isPicked && !binaries.keepsInstances) return value;
    if (!hasFields(value)) return isPicked ? (binaries.copy(value) as T) : value;
  }
  const containers = containersOf(value, binaries);
  if (!isPicked && containers.size === 0) return value;
  return new Copier(containers, binaries).copy(value) as T;
}
