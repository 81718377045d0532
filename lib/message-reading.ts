import { Blob } from 'node:buffer';
import { types } from 'node:util';
import { BroadcastChannel, MessagePort } from 'node:worker_threads';
import {
  bufferOf,
  dataViewBufferOf,
  lookupGetter,
  OriginalArrayBuffer,
  type TypedArray,
  uncurryThis,
} from './intrinsics.js';
import { windowsOf } from './window.js';

// What V8's serializer reads of each kind of object, and in which order.

/** A typed array, DataView or ArrayBuffer, shared or not. */
export type Binary = TypedArray | DataView | ArrayBufferLike;

export const { isView } = OriginalArrayBuffer;
export const forEachInMap = uncurryThis(Map.prototype.forEach);
export const forEachInSet = uncurryThis(Set.prototype.forEach);

// V8 lists an array's keys in time proportional to its length: 100 ms for a million. Longer arrays
// are taken to have no getters and no named properties.
const MOST_KEYS = 10_000;
// Longer arrays are dictionaries to V8, which it lists faster than it tries each index.
const MOST_FAST_ELEMENTS = 2 ** 25;

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

export function isBinary(value: object): value is Binary {
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

/** What `markAsUncloneable` has marked: the serializer is to see it, and to refuse. */
export const uncloneable = new WeakSet<object>();

/** Whether the serializer refuses an object or handles it whole, without a look at its properties. */
function isClosed(value: object, { knowsHosts }: Reading): boolean {
  if (uncloneable.has(value)) return true;
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
export function keysOf(container: object): string[] | undefined {
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
      if (mayHaveGetters && lookupGetter(container, i) !== undefined) return true;
      const child = values[i];
      if (isObject(child)) children.push(child);
    }
    return false;
  }
  for (const key of keys) {
    if (lookupGetter(container, key) !== undefined) return true;
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
export function readContainer(container: object, reading: Reading, children: object[]): boolean {
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

/** Whether the serializer must not see a value as it is. */
export function isReplaced(value: Binary, { transfers }: Reading): boolean {
  const buffer = bufferUnder(value);
  return windowsOf(buffer) !== undefined || transfers.has(buffer);
}

// Remembering an object costs as much as reading a small one. So it is done for those with many
// children, and of the others on each third level only: every cycle comes across those.
const MANY_CHILDREN = 4;
const LEVELS = 3;

/** Whether the serializer may meet anything that has to be replaced. */
export function mayNeedReplacement(message: object, reading: Reading): boolean {
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
