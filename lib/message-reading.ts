import { Blob } from 'node:buffer';
import { BroadcastChannel, MessagePort } from 'node:worker_threads';
import {
  bufferOf,
  dataViewBufferOf,
  lookupGetter,
  OriginalArrayBuffer,
  type TypedArray,
} from './intrinsics.js';
import {
  ArrayIsArray,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetOwnPropertySymbols,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  ObjectKeys,
  ReflectGetOwnPropertyDescriptor,
  SafeMap,
  SafeSet,
  SafeWeakSet,
  types,
  uncurryThis,
} from './primordials.js';
import { anyInChain, isArray } from './proxies.js';
import { isShaped, listShapeOf } from './shapes.js';
import { windowsOf } from './window.js';

// What V8's serializer reads of each kind of object, and in which order.

/** A typed array, DataView or ArrayBuffer, shared or not. */
export type Binary = TypedArray | DataView | ArrayBufferLike;

export const { isView } = OriginalArrayBuffer;
export const forEachInMap = uncurryThis(Map.prototype.forEach);
export const forEachInSet = uncurryThis(Set.prototype.forEach);

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
  return ObjectGetOwnPropertySymbols(prototype).filter(({ description }) =>
    /^messaging_(clone|transfer)_symbol$/.test(description ?? ''),
  );
}

// Node's own classes say by methods of these names that they are cloned or transferred in their way.
const HOST_SYMBOLS = [...new SafeSet([...symbolsOf(Blob), ...symbolsOf(ReadableStream)])];

const closedPrototypes = new SafeSet<object>(
  [WeakRef, FinalizationRegistry, MessagePort, BroadcastChannel].map(({ prototype }) => prototype),
);

const isClosedPrototype = (object: object) => closedPrototypes.has(object);

const isClosedPrototypeOrHost = (object: object) =>
  closedPrototypes.has(object) || HOST_SYMBOLS.some((symbol) => ObjectHasOwn(object, symbol));

/** How the serializer reads a message. */
export interface Reading {
  /** ArrayBuffers in arenas that the message takes along, and the copies that are sent instead. */
  readonly transfers: ReadonlyMap<ArrayBufferLike, ArrayBuffer>;
  /** Whether it knows objects of Node's own classes. */
  readonly knowsHosts: boolean;
}

/** How ports and `structuredClone` read messages without a transfer list. */
export const ORDINARY: Reading = { transfers: new SafeMap(), knowsHosts: true };

/** What `markAsUncloneable` has marked: the serializer is to see it, and to refuse. */
export const uncloneable = new SafeWeakSet<object>();

/** Whether the serializer refuses an object or handles it whole, without a look at its properties. */
function isClosed(value: object, { knowsHosts }: Reading): boolean {
  // v8.Serializer knows of the mark no more than of Node's classes.
  if (knowsHosts && uncloneable.has(value)) return true;
  if (value === globalThis) return true;
  const prototype = ObjectGetPrototypeOf(value);
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
    anyInChain(value, knowsHosts ? isClosedPrototypeOrHost : isClosedPrototype)
  );
}

/** The keys of the properties that the serializer reads; undefined for all of a list's indices. */
export function keysOf(container: object): string[] | undefined {
  const isList = isArray(container) && listShapeOf(container) !== undefined;
  return isList ? undefined : ObjectKeys(container);
}

/** Puts the objects among the elements on `children`. */
function readElements(array: readonly unknown[], isDense: boolean, children: object[]): void {
  const { length } = array;
  for (let i = 0; i < length; i++) {
    // What is missing would be looked for in the prototype.
    if (!isDense && !ObjectHasOwn(array, i)) continue;
    const child = array[i];
    if (isObject(child)) children.push(child);
  }
}

/**
 * Puts the objects in a list on `children`.
 * @returns false where it is no list, and nothing was done
 */
export function readList(container: object, children: object[]): boolean {
  const shape = listShapeOf(container);
  if (shape === undefined) return false;
  if (shape !== 'numbers') readElements(container as unknown[], shape === 'values', children);
  return true;
}

/**
 * Puts the objects among the properties on `children`.
 * @returns false where one of them is a getter, and not all was done
 */
function readProperties(container: object, keys: readonly string[], children: object[]): boolean {
  const values = container as Record<string, unknown>;
  if (ObjectGetPrototypeOf(container) === Object.prototype) {
    // A sixth faster. What C++ answers for, as for the globals of vm contexts, describes itself as
    // V8's serializer would not see it.
    for (const key of keys) {
      const { get, value } = ReflectGetOwnPropertyDescriptor(container, key) as PropertyDescriptor;
      if (get !== undefined) return false;
      if (isObject(value)) children.push(value);
    }
    return true;
  }
  for (const key of keys) {
    if (lookupGetter(container, key) !== undefined) return false;
    const child = values[key];
    if (isObject(child)) children.push(child);
  }
  return true;
}

/** The keys that are no indices, which come before them. */
function namesOf(array: readonly unknown[]): string[] {
  const keys = ObjectKeys(array);
  let first = keys.length;
  while (first > 0 && !isIndex(keys[first - 1] as string)) first--;
  return keys.slice(first);
}

function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return index !== 2 ** 32 - 1 && String(index) === key;
}

function readArray(array: unknown[], children: object[]): boolean {
  if (readList(array, children)) return true;
  if (!isShaped(array)) return readProperties(array, ObjectKeys(array), children);
  readElements(array, false, children);
  return readProperties(array, namesOf(array), children);
}

function causeOf(error: Error): unknown {
  return ObjectGetOwnPropertyDescriptor(error, 'cause')?.value;
}

// Of V8's own errors, where that is a getter at all (V8 12).
const stackGetter = lookupGetter(new Error(), 'stack');

/** Whether the serializer calls a getter to read an error: V8 composes a stack of name and message when it is asked for. */
export function hasErrorGetters(error: Error): boolean {
  if (lookupGetter(error, 'name') !== undefined) return true;
  if (lookupGetter(error, 'message') !== undefined) return true;
  const getter = lookupGetter(error, 'stack');
  return getter !== undefined && getter !== stackGetter;
}

/** What {@link readContainer} has found out about a container. */
export type Contents =
  /** Only the serializer can know what it finds, because it calls a getter. */
  | 'getters'
  /** Properties without getters. */
  | 'values'
  /** Nothing that the serializer would look at. */
  | 'closed'
  /** Anything else. */
  | 'other';

/** Puts the objects that the serializer finds in a container on `children`. */
export function readContainer(container: object, reading: Reading, children: object[]): Contents {
  const add = (child: unknown) => {
    if (isObject(child)) children.push(child);
  };
  if (types.isProxy(container)) return 'other';
  if (ArrayIsArray(container)) return readArray(container, children) ? 'other' : 'getters';
  if (types.isMap(container)) {
    forEachInMap(container, (value, key) => {
      add(key);
      add(value);
    });
    return 'other';
  }
  if (types.isSet(container)) {
    forEachInSet(container, add);
    return 'other';
  }
  // Of a DOMException, which is an error, Node clones what it knows itself, and no cause.
  if (isClosed(container, reading)) return 'closed';
  if (types.isNativeError(container)) {
    add(causeOf(container));
    return hasErrorGetters(container) ? 'getters' : 'other';
  }
  return readProperties(container, ObjectKeys(container), children) ? 'values' : 'getters';
}

/** Whether the serializer must not see a value as it is. */
export function isReplaced(value: Binary, { transfers }: Reading): boolean {
  const buffer = bufferUnder(value);
  return windowsOf(buffer) !== undefined || transfers.has(buffer);
}
