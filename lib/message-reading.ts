import { Blob } from 'node:buffer';
import { types } from 'node:util';
import { BroadcastChannel, MessagePort } from 'node:worker_threads';
import { anyInChain } from './inheritance.js';
import {
  bufferOf,
  dataViewBufferOf,
  OriginalArrayBuffer,
  type TypedArray,
  uncurryThis,
} from './intrinsics.js';
import { listShapeOf } from './shapes.js';
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
  return Object.getOwnPropertySymbols(prototype).filter(({ description }) =>
    /^messaging_(clone|transfer)_symbol$/.test(description ?? ''),
  );
}

// Node's own classes say by methods of these names that they are cloned or transferred in their way.
const HOST_SYMBOLS = [...new Set([...symbolsOf(Blob), ...symbolsOf(ReadableStream)])];

const closedPrototypes = new Set<object>(
  [WeakRef, FinalizationRegistry, MessagePort, BroadcastChannel].map(({ prototype }) => prototype),
);

const isClosedPrototype = (object: object) => closedPrototypes.has(object);

const isClosedPrototypeOrHost = (object: object) =>
  closedPrototypes.has(object) || HOST_SYMBOLS.some((symbol) => Object.hasOwn(object, symbol));

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
    anyInChain(value, knowsHosts ? isClosedPrototypeOrHost : isClosedPrototype)
  );
}

/** Whether an array has no other properties than elements, of which some may be missing. */
function isList(container: object): container is unknown[] {
  return Array.isArray(container) && listShapeOf(container) !== undefined;
}

/** The keys of the properties that the serializer reads; undefined for all of a list's indices. */
export function keysOf(container: object): string[] | undefined {
  return isList(container) ? undefined : Object.keys(container);
}

/**
 * Puts the objects in a list on `children`.
 * @returns false where it is no list, and nothing was done
 */
export function readList(container: object, children: object[]): boolean {
  const shape = listShapeOf(container);
  if (shape === undefined || shape === 'numbers') return shape !== undefined;
  const list = container as unknown[];
  const { length } = list;
  for (let i = 0; i < length; i++) {
    // What is missing would be looked for in the prototype.
    if (shape === 'values or holes' && !Object.hasOwn(list, i)) continue;
    const child = list[i];
    if (isObject(child)) children.push(child);
  }
  return true;
}

/**
 * Puts the objects among the properties on `children`.
 * @returns false where one of them is a getter, and not all was done
 */
function readProperties(container: object, children: object[]): boolean {
  for (const key of Object.keys(container)) {
    const { get, value } = Reflect.getOwnPropertyDescriptor(container, key) as PropertyDescriptor;
    if (get !== undefined) return false;
    if (isObject(value)) children.push(value);
  }
  return true;
}

function causeOf(error: Error): unknown {
  return Object.getOwnPropertyDescriptor(error, 'cause')?.value;
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
  if (Array.isArray(container)) {
    if (readList(container, children)) return 'other';
    return readProperties(container, children) ? 'values' : 'getters';
  }
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
  if (types.isNativeError(container)) {
    add(causeOf(container));
    return 'other';
  }
  if (isClosed(container, reading)) return 'closed';
  return readProperties(container, children) ? 'values' : 'getters';
}

/** Whether the serializer must not see a value as it is. */
export function isReplaced(value: Binary, { transfers }: Reading): boolean {
  const buffer = bufferUnder(value);
  return windowsOf(buffer) !== undefined || transfers.has(buffer);
}
