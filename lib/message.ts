import { Blob } from 'node:buffer';
import { types } from 'node:util';
import { BroadcastChannel, MessagePort } from 'node:worker_threads';
import {
  bufferOf,
  byteOffsetOf,
  dataViewBufferOf,
  dataViewLengthOf,
  dataViewOffsetOf,
  kindOf,
  lengthOf,
  OriginalArrayBuffer,
  OriginalDataView,
  type TypedArray,
  typedArrays,
  uncurryThis,
} from './intrinsics.js';
import { allocationOf, exactBufferOf, windowsOf } from './window.js';

// What V8's serializer is given in place of a message. It reads an array's whole ArrayBuffer: for an
// array on a window that is 2 MiB with other people's bytes. So it gets views of exact buffers
// instead, and with them new containers for all that lead to one. What it reads of a container, and
// in which order, is repeated here: whoever sends sees nothing else being read.

type Binary = TypedArray | DataView | ArrayBufferLike;
type Getter = () => unknown;

const { isView } = OriginalArrayBuffer;
const getterOf = uncurryThis(
  (Object.prototype as unknown as { __lookupGetter__(key: PropertyKey): Getter | undefined })
    .__lookupGetter__,
) as (self: object, key: PropertyKey) => Getter | undefined;
const forEachInMap = uncurryThis(Map.prototype.forEach);
const forEachInSet = uncurryThis(Set.prototype.forEach);
const addToMap = uncurryThis(Map.prototype.set);
const addToSet = uncurryThis(Set.prototype.add);

// V8 lists an array's keys in time proportional to its length: 100 ms for a million. Longer arrays
// are taken to have no getters and no named properties.
const MOST_KEYS = 10_000;
// Longer arrays are dictionaries to V8, which it lists faster than it tries each index.
const MOST_FAST_ELEMENTS = 2 ** 25;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isBinary(value: object): value is Binary {
  return isView(value) || types.isAnyArrayBuffer(value);
}

function bufferUnder(value: Binary): ArrayBufferLike {
  if (!isView(value)) return value as ArrayBufferLike;
  return types.isDataView(value) ? dataViewBufferOf(value) : bufferOf(value);
}

function symbolsOf({ prototype }: { prototype: object }): symbol[] {
  return Object.getOwnPropertySymbols(prototype).filter(({ description }) =>
    /^messaging_(clone|transfer)_symbol$/.test(description ?? ''),
  );
}

// Node's own classes say by methods of these names that they are cloned or transferred in their way.
const HOST_SYMBOLS = [...new Set([...symbolsOf(Blob), ...symbolsOf(ReadableStream)])];

/** How the serializer reads a message. */
export interface Reading {
  /** ArrayBuffers in arenas that the message takes along, and the copies that are sent instead. */
  readonly transfers: ReadonlyMap<ArrayBufferLike, ArrayBuffer>;
  /** Whether it knows objects of Node's own classes. */
  readonly knowsHosts: boolean;
}

/** How ports and `structuredClone` read messages without a transfer list. */
export const ORDINARY: Reading = { transfers: new Map(), knowsHosts: true };

/** Whether the serializer refuses an object or handles it whole, without a look at its properties. */
function isClosed(value: object, { knowsHosts }: Reading): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return types.isArgumentsObject(value);
  if (prototype === null) return types.isModuleNamespaceObject(value);
  return (
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isBoxedPrimitive(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isGeneratorObject(value) ||
    types.isMapIterator(value) ||
    types.isSetIterator(value) ||
    types.isExternal(value) ||
    types.isArgumentsObject(value) ||
    value instanceof WeakRef ||
    value instanceof FinalizationRegistry ||
    value instanceof MessagePort ||
    value instanceof BroadcastChannel ||
    (knowsHosts && HOST_SYMBOLS.some((symbol) => symbol in value))
  );
}

/** The keys of the properties that the serializer reads. */
function keysOf(container: object): string[] | undefined {
  if (!Array.isArray(container)) return Object.keys(container);
  const { length } = container;
  if (length > MOST_KEYS && length <= MOST_FAST_ELEMENTS) return undefined;
  const keys = Object.keys(container);
  // Names come after indices.
  const isDense = keys.length === length && (length === 0 || keys[length - 1] === `${length - 1}`);
  return isDense ? undefined : keys;
}

/** Whether one of the properties is a getter; puts the objects among the others on `children`. */
function readProperties(container: object, children: object[]): boolean {
  const keys = keysOf(container);
  const values = container as Record<PropertyKey, unknown>;
  if (keys === undefined) {
    const { length } = values as { length: number };
    const mayHaveGetters = length <= MOST_KEYS;
    for (let i = 0; i < length; i++) {
      if (mayHaveGetters && getterOf(container, i) !== undefined) return true;
      const child = values[i];
      if (isObject(child)) children.push(child);
    }
    return false;
  }
  for (const key of keys) {
    if (getterOf(container, key) !== undefined) return true;
    const child = values[key];
    if (isObject(child)) children.push(child);
  }
  return false;
}

function causeOf(error: Error): unknown {
  return Object.getOwnPropertyDescriptor(error, 'cause')?.value;
}

/**
 * Puts the objects that the serializer finds in a container on `children`.
 * @returns true when only it can know what it finds, because it calls a getter
 */
function readContainer(container: object, reading: Reading, children: object[]): boolean {
  const add = (child: unknown) => {
    if (isObject(child)) children.push(child);
  };
  if (types.isProxy(container)) return false;
  if (Array.isArray(container)) return readProperties(container, children);
  if (types.isMap(container)) {
    forEachInMap(container, (value, key) => {
      add(key);
      add(value);
    });
    return false;
  }
  if (types.isSet(container)) {
    forEachInSet(container, add);
    return false;
  }
  if (types.isNativeError(container)) {
    add(causeOf(container));
    return false;
  }
  return !isClosed(container, reading) && readProperties(container, children);
}

function isReplaced(value: Binary, { transfers }: Reading): boolean {
  const buffer = bufferUnder(value);
  return windowsOf(buffer) !== undefined || transfers.has(buffer);
}

// Remembering an object costs as much as reading a small one. So it is done for those with many
// children, and of the others on each third level only: every cycle comes across those.
const MANY_CHILDREN = 4;
const LEVELS = 3;

/** Whether the serializer may meet anything that has to be replaced. */
function mayNeedReplacement(message: object, reading: Reading): boolean {
  const seen = new Set<object>();
  const pending = [message];
  const levels = [0];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const level = levels.pop() as number;
    if (seen.has(value)) continue;
    if (isBinary(value)) {
      if (isReplaced(value, reading)) return true;
      continue;
    }
    const before = pending.length;
    if (readContainer(value, reading, pending)) return true;
    const count = pending.length - before;
    if (count > MANY_CHILDREN || (level === 0 && count > 0)) seen.add(value);
    for (let i = 0; i < count; i++) levels.push((level + 1) % LEVELS);
  }
  return false;
}

class Replacer {
  readonly #reading: Reading;
  readonly #copies = new Map<object, object>();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  readonly replace = (root: unknown): unknown => {
    if (!isObject(root)) return root;
    const pending = [...this.#containersToCopy(root)];
    for (const container of pending) this.#copies.set(container, emptyLike(container));
    for (const container of pending) this.#fill(container);
    return this.#replacementOf(root);
  };

  // Those that lead to something that is replaced.
  #containersToCopy(root: object): Set<object> {
    const parents = new Map<object, object[]>([[root, []]]);
    const found = new Set<object>();
    const reached: object[] = [];
    // Grows while it is walked.
    const containers = isBinary(root) || this.#copies.has(root) ? [] : [root];
    for (const container of containers) {
      const children: object[] = [];
      if (readContainer(container, this.#reading, children)) {
        // What it holds may be replaced once its getters have been called.
        reached.push(container);
        children.length = 0;
        readValues(container, children);
      }
      for (const child of children) {
        if (isBinary(child) ? isReplaced(child, this.#reading) : this.#copies.has(child)) {
          reached.push(container);
        } else if (!isBinary(child)) {
          const known = parents.get(child);
          if (known !== undefined) known.push(container);
          else {
            parents.set(child, [container]);
            containers.push(child);
          }
        }
      }
    }
    while (reached.length > 0) {
      const container = reached.pop() as object;
      if (found.has(container)) continue;
      found.add(container);
      for (const parent of parents.get(container) ?? []) reached.push(parent);
    }
    return found;
  }

  readonly #replacementOf = (value: unknown): unknown => {
    if (!isObject(value)) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (!isBinary(value) || !isReplaced(value, this.#reading)) return value;
    const replacement = this.#replaceBinary(value);
    this.#copies.set(value, replacement);
    return replacement;
  };

  #replaceBinary(value: Binary): object {
    const { transfers } = this.#reading;
    if (!isView(value)) return transfers.get(value as ArrayBufferLike) as ArrayBuffer;
    if (types.isDataView(value)) {
      const buffer = transfers.get(dataViewBufferOf(value)) as ArrayBuffer;
      return new OriginalDataView(buffer, dataViewOffsetOf(value), dataViewLengthOf(value));
    }
    const array = value as TypedArray;
    const Original = typedArrays.get(kindOf(array) as string);
    if (Original === undefined) throw new TypeError('not a typed array');
    let buffer = bufferOf(array);
    let offset = byteOffsetOf(array);
    const windows = windowsOf(buffer);
    if (windows !== undefined) {
      offset -= allocationOf(array, windows).start;
      buffer = exactBufferOf(array, windows);
    }
    return new Original(transfers.get(buffer) ?? buffer, offset, lengthOf(array));
  }

  #fill(container: object): void {
    const copy = this.#copies.get(container) as object;
    if (types.isMap(container)) {
      forEachInMap(container, (value, key) => {
        addToMap(copy as never, this.#replacementOf(key), this.#replacementOf(value));
      });
    } else if (types.isSet(container)) {
      forEachInSet(container, (value) => addToSet(copy as never, this.#replacementOf(value)));
    } else if (types.isNativeError(container)) {
      this.#fillError(container, copy as Error);
    } else {
      this.#fillProperties(container, copy);
    }
  }

  #fillProperties(container: object, copy: object): void {
    for (const key of keysOf(container) ?? (container as unknown[]).keys()) {
      const get = getterOf(container, key);
      const property =
        get === undefined
          ? { value: this.#replacementOf((container as never)[key]), writable: true }
          : { get: () => this.replace(Reflect.apply(get, container, [])) };
      Object.defineProperty(copy, key, { ...property, enumerable: true, configurable: true });
    }
    if (Array.isArray(container)) (copy as unknown[]).length = container.length;
  }

  #fillError(error: Error, copy: Error): void {
    const { message, cause } = Object.getOwnPropertyDescriptors(error) as PropertyDescriptorMap;
    Object.defineProperty(copy, 'name', { get: () => error.name });
    if (message !== undefined) Object.defineProperty(copy, 'message', message);
    if (cause !== undefined) {
      Object.defineProperty(copy, 'cause', { ...cause, value: this.#replacementOf(cause.value) });
    }
    copy.stack = error.stack;
  }
}

/** The objects among the properties that are no getters. */
function readValues(container: object, children: object[]): void {
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(container))) {
    if (isObject(value)) children.push(value);
  }
}

function emptyLike(container: object): object {
  if (Array.isArray(container)) return [];
  if (types.isMap(container)) return new Map();
  if (types.isSet(container)) return new Set();
  return types.isNativeError(container) ? new Error() : {};
}

/**
 * What is to be serialized in place of `message`: the same for the receiver, with each array that
 * shares its ArrayBuffer with others moved to one of its own.
 *
 * Not looked into: getters and named properties of arrays of more than 10,000 elements.
 *
 * @returns `message` itself when nothing has to be replaced; nothing in it is ever changed
 * @throws what a getter in `message` throws, once the serializer has come to it
 */
export function serializable<T>(message: T, reading: Reading = ORDINARY): T {
  if (!isObject(message) || !mayNeedReplacement(message, reading)) return message;
  return new Replacer(reading).replace(message) as T;
}
