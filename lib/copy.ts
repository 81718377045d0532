import { Blob } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { copyBytes } from './copy-bytes.js';
import { copySmall, UNUSUAL } from './copy-small.js';
import {
  arrayBufferByteLength,
  bufferOf,
  byteOffsetOf,
  dataViewBufferOf,
  dataViewLengthOf,
  dataViewOffsetOf,
  kindOf,
  lengthOf,
  OriginalDataView,
  type TypedArray,
  typedArrays,
} from './intrinsics.js';
import { native } from './native.js';
import { fieldsOf, keysOf } from './own-keys.js';
import { anyInChain } from './proxies.js';
import { isOrdinaryArray, isOrdinaryBuffer, listShapeOf } from './shapes.js';
import { allocationOf, type Owner, ownerOf, type Window } from './window.js';

/** A typed array, DataView or ArrayBuffer. */
type Binary = TypedArray | DataView | ArrayBufferLike;

function isBinary(value: object): value is Binary {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}

function bufferUnder(value: Binary): ArrayBufferLike {
  if (types.isAnyArrayBuffer(value)) return value;
  return types.isDataView(value) ? dataViewBufferOf(value) : bufferOf(value);
}

// What has been detached has no memory any more, and is to stay as it is. Allocations have bytes, and windows are not detached.
function isDetached(buffer: ArrayBufferLike, owner: Owner): boolean {
  return (owner === 'whole' || 'window' in owner) && arrayBufferByteLength(buffer) === 0;
}

/**
 * @returns whether a typed array, Buffer, DataView or ArrayBuffer lies in arena memory; false for
 *   every other value
 */
export function isArenaArray(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !isBinary(value)) return false;
  const buffer = bufferUnder(value);
  const owner = ownerOf(buffer);
  return owner !== undefined && !isDetached(buffer, owner);
}

const opaquePrototypes = new Set<object>(
  [EventEmitter, EventTarget, WeakRef, ReadableStream, WritableStream, Blob].map(
    ({ prototype }) => prototype,
  ),
);

// What owns a resource or hides its state cannot be rebuilt from its properties, and is not looked
// into.
function isOpaque(value: object): boolean {
  if (types.isProxy(value)) return true;
  // The common cases, before twenty questions.
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return false;
  if (prototype === Object.prototype) return types.isArgumentsObject(value);
  return (
    types.isPromise(value) ||
    types.isNativeError(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isBoxedPrimitive(value) ||
    types.isGeneratorObject(value) ||
    types.isModuleNamespaceObject(value) ||
    types.isExternal(value) ||
    types.isArgumentsObject(value) ||
    anyInChain(value, (object) => opaquePrototypes.has(object)) ||
    value === globalThis
  );
}

// They hide what they are for, and nothing else: what is on them can be written there.
function isWritable(value: object): boolean {
  return (
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isBoxedPrimitive(value) ||
    types.isArgumentsObject(value)
  );
}

function isClosed(value: object, { keepsInstances }: BinaryCopier): boolean {
  return isOpaque(value) && !(keepsInstances && !types.isProxy(value) && isWritable(value));
}

// What is in it, whatever a subclass says to a `for` loop.
const entriesOf = (map: ReadonlyMap<unknown, unknown>) =>
  Map.prototype.entries.call(map) as Iterable<[unknown, unknown]>;
const valuesOf = (set: ReadonlySet<unknown>) => Set.prototype.values.call(set) as Iterable<unknown>;

// The common case, and sooner told than what is on an array.
function hasFields(value: Binary): boolean {
  const kind = kindOf(value);
  if (kind === undefined) return true;
  return !isOrdinaryArray(value as TypedArray, kind) && !isOrdinaryBuffer(value as TypedArray);
}

/** Calls `visit` with everything that a container refers to, by `keys` too. Getters are not called. */
function forEachChild(
  container: object,
  keys: readonly PropertyKey[],
  visit: (child: unknown) => void,
): void {
  if (types.isMap(container)) {
    for (const [key, value] of entriesOf(container)) {
      visit(key);
      visit(value);
    }
  } else if (types.isSet(container)) {
    for (const value of valuesOf(container)) visit(value);
  }
  for (const key of keys) {
    const property = Reflect.getOwnPropertyDescriptor(container, key);
    if (property !== undefined && 'value' in property) visit(property.value);
  }
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== 'object' && typeof value !== 'function') || value === null;
}

// The common case of large arrays, without a descriptor for each element.
function isListOfPrimitives(value: object): boolean {
  const shape = listShapeOf(value);
  if (shape !== 'values') return shape === 'numbers';
  const list = value as readonly unknown[];
  for (let i = 0; i < list.length; i++) if (!isPrimitive(list[i])) return false;
  return true;
}

/**
 * The containers in `root` from which binary values can be reached that are to be copied: those have
 * to be rebuilt, the others stay as they are. What is copied may have others on it.
 */
function containersOf(root: object, binaries: BinaryCopier): Set<object> {
  const parents = new Map<object, object[]>([[root, []]]);
  const reached: object[] = [];
  // Grows while it is walked.
  const containers = [root];
  for (const container of containers) {
    const isArray = isBinary(container);
    if (!isArray && (isClosed(container, binaries) || isListOfPrimitives(container))) continue;
    forEachChild(container, isArray ? binaries.fieldsOn(container) : keysOf(container), (child) => {
      if (typeof child !== 'object' || child === null) return;
      if (isBinary(child)) {
        if (binaries.picks(child)) reached.push(container);
        else if (!binaries.keepsInstances) return;
        if (!hasFields(child)) return;
      }
      const known = parents.get(child);
      if (known !== undefined) known.push(container);
      else {
        parents.set(child, [container]);
        containers.push(child);
      }
    });
  }
  const found = new Set<object>();
  while (reached.length > 0) {
    const container = reached.pop() as object;
    if (found.has(container)) continue;
    found.add(container);
    for (const parent of parents.get(container) ?? []) reached.push(parent);
  }
  return found;
}

/** Copies binary values so that what shared memory before shares it after. */
class BinaryCopier {
  /** Which of the values it meets are to be copied. */
  readonly picks: (value: Binary) => boolean;
  readonly #allocations = new Map<Window, Map<number, ArrayBuffer>>();
  readonly #wholes = new Map<ArrayBufferLike, ArrayBuffer>();
  readonly #copies = new Map<object, object>();
  readonly #fields = new Map<Binary, readonly PropertyKey[]>();
  /** Copies that lack what is on the originals; a list, as graphs may be deep. */
  readonly bare: { readonly value: Binary; readonly copy: object }[] = [];

  /**
   * Whether instances of classes stay what they are, with copies in place of arrays that they have as properties: nothing
   * but their class can make another one with the same `#private` fields or internal slots.
   */
  readonly keepsInstances: boolean;

  constructor(picks: (value: Binary) => boolean, keepsInstances = false) {
    this.picks = picks;
    this.keepsInstances = keepsInstances;
  }

  /** What a subclass or anyone else has put on an array, DataView or ArrayBuffer. Listing that can take long. */
  fieldsOn(value: Binary): readonly PropertyKey[] {
    let fields = this.#fields.get(value);
    if (fields === undefined) {
      fields = types.isTypedArray(value) ? fieldsOf(value) : keysOf(value);
      this.#fields.set(value, fields);
    }
    return fields;
  }

  /** Every ArrayBuffer that it has made. */
  get buffers(): ArrayBuffer[] {
    const allocations = [...this.#allocations.values()].flatMap((copies) => [...copies.values()]);
    return [...allocations, ...this.#wholes.values()];
  }

  copy(value: Binary): object {
    let copy = this.#copies.get(value);
    if (copy === undefined) {
      copy = types.isAnyArrayBuffer(value) ? this.#copyBuffer(value) : this.#copyView(value);
      this.#copies.set(value, copy);
      if (hasFields(value)) this.bare.push({ value, copy });
    }
    return copy;
  }

  #copyBuffer(buffer: ArrayBufferLike): ArrayBuffer {
    const owner = ownerOf(buffer);
    const length = arrayBufferByteLength(buffer);
    if (typeof owner === 'object' && 'window' in owner) {
      return this.#copyAllocation(owner.window, owner.start, length);
    }
    let copy = this.#wholes.get(buffer);
    if (copy === undefined) {
      copy = copyBytes(buffer, 0, length);
      this.#wholes.set(buffer, copy);
    }
    return copy;
  }

  #copyAllocation(window: Window, start: number, length: number): ArrayBuffer {
    let copies = this.#allocations.get(window);
    if (copies === undefined) {
      copies = new Map();
      this.#allocations.set(window, copies);
    }
    let copy = copies.get(start);
    if (copy === undefined) {
      copy = copyBytes(window.buffer, start, length);
      copies.set(start, copy);
    }
    return copy;
  }

  #copyView(view: TypedArray | DataView): object {
    if (types.isDataView(view)) {
      const copy = new OriginalDataView(
        this.#copyBuffer(dataViewBufferOf(view)),
        dataViewOffsetOf(view),
        dataViewLengthOf(view),
      );
      return withPrototypeOf(view, copy);
    }
    const buffer = bufferOf(view);
    const owner = ownerOf(buffer);
    let copied: ArrayBuffer;
    let offset = byteOffsetOf(view);
    if (typeof owner === 'object' && 'windows' in owner) {
      const { window, start, length } = allocationOf(view, owner);
      copied = this.#copyAllocation(window, start, length);
      offset -= start;
    } else {
      copied = this.#copyBuffer(buffer);
    }
    const Original = typedArrays.get(kindOf(view) as string);
    if (Original === undefined) throw new TypeError('not a typed array');
    const copy = new Original(copied, offset, lengthOf(view));
    return withPrototypeOf(view, copy);
  }
}

function withPrototypeOf<T extends object>(model: object, copy: T): T {
  const prototype = Object.getPrototypeOf(model);
  return Object.getPrototypeOf(copy) === prototype ? copy : Object.setPrototypeOf(copy, prototype);
}

function emptyLike(container: object): object {
  if (Array.isArray(container)) return withPrototypeOf(container, new Array(container.length));
  if (types.isMap(container)) return withPrototypeOf(container, new Map());
  if (types.isSet(container)) return withPrototypeOf(container, new Set());
  return Object.create(Object.getPrototypeOf(container));
}

function isInstance(container: object): boolean {
  if (Array.isArray(container) || types.isMap(container) || types.isSet(container)) return false;
  const prototype = Object.getPrototypeOf(container);
  if (prototype === Object.prototype || prototype === null) return false;
  // Of what cannot be written there is another one.
  return keysOf(container).every((key) => {
    const property = Reflect.getOwnPropertyDescriptor(container, key);
    return property?.configurable || property?.writable || isPrimitive(property?.value);
  });
}

/** Rebuilds the containers of arena memory, cycles and sharing included. */
class Copier {
  readonly #rebuilt = new Map<object, object>();
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
        isArray || (this.#binaries.keepsInstances && (isInstance(value) || isOpaque(value)));
      copy = isKept ? value : emptyLike(value);
      this.#rebuilt.set(value, copy);
      this.#pending.push(value);
    }
    return copy;
  };

  #copyFields(value: Binary, copy: object): void {
    for (const key of this.#binaries.fieldsOn(value)) {
      const field = Reflect.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      if ('value' in field) field.value = this.#copyOf(field.value);
      Object.defineProperty(copy, key, field);
    }
    if (!Object.isExtensible(value)) Object.preventExtensions(copy);
  }

  #fill(container: object): void {
    const copy = this.#rebuilt.get(container) as object;
    if (types.isMap(container)) {
      for (const [key, value] of entriesOf(container)) {
        Map.prototype.set.call(copy, this.#copyOf(key), this.#copyOf(value));
      }
    } else if (types.isSet(container)) {
      for (const value of valuesOf(container)) Set.prototype.add.call(copy, this.#copyOf(value));
    }
    for (const key of isBinary(container)
      ? this.#binaries.fieldsOn(container)
      : keysOf(container)) {
      const property = Reflect.getOwnPropertyDescriptor(container, key) as PropertyDescriptor;
      const { value } = property;
      if ('value' in property) property.value = this.#copyOf(value);
      if (copy === container) {
        // What cannot be written on what cannot be rebuilt stays as it is.
        if (property.value === value || !(property.configurable || property.writable)) continue;
      }
      Object.defineProperty(copy, key, property);
    }
    if (!Object.isExtensible(container)) Object.preventExtensions(copy);
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
  return copyArenaArrays(value, false);
}

/**
 * {@link copyFromArena} for memory that is about to be used again, so that nobody needs the value as it was: instances of
 * classes stay what they are, and copies take the places of the arrays in them.
 */
export function copyOutOfArena<T>(value: T): T {
  return copyArenaArrays(value, true);
}

function copyArenaArrays<T>(value: T, keepsInstances: boolean): T {
  if (typeof value !== 'object' || value === null) return value;
  const small = copySmall(value);
  if (small !== UNUSUAL) return small as T;
  return copyWith(value, new BinaryCopier(isArenaArray, keepsInstances));
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

/** Of the ArrayBuffer that users see; 0 for one that cannot be copied as it is. */
function bytesUnder(value: Binary): number {
  const buffer = bufferUnder(value);
  const owner = ownerOf(buffer);
  if (typeof owner === 'object' && 'windows' in owner) {
    return allocationOf(value as TypedArray, owner).length;
  }
  return types.isArrayBuffer(buffer) && !isResizable(buffer) ? arrayBufferByteLength(buffer) : 0;
}

function isResizable(buffer: ArrayBuffer): boolean {
  return (buffer as { resizable?: boolean }).resizable === true;
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
