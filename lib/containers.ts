import { Blob } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { hasFields, isBinary } from './binary.js';
import type { BinaryCopier } from './copy-binaries.js';
import { keysOf } from './own-keys.js';
import {
  ArrayIsArray,
  MapPrototypeForEach,
  ObjectGetPrototypeOf,
  ReflectGetOwnPropertyDescriptor,
  SafeMap,
  SafeSet,
  SetPrototypeForEach,
  types,
} from './primordials.js';
import { anyInChain } from './proxies.js';
import { listShapeOf } from './shapes.js';

const opaquePrototypes = new SafeSet<object>(
  [EventEmitter, EventTarget, WeakRef, ReadableStream, WritableStream, Blob].map(
    ({ prototype }) => prototype,
  ),
);

/** Whether it owns a resource or hides its state: it cannot be rebuilt from its properties, and is not looked into. */
export function isOpaque(value: object): boolean {
  if (types.isProxy(value)) return true;
  // The common cases, before twenty questions.
  const prototype = ObjectGetPrototypeOf(value);
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
    types.isNativeError(value) ||
    types.isArgumentsObject(value)
  );
}

function isClosed(value: object, { keepsInstances }: BinaryCopier): boolean {
  return isOpaque(value) && !(keepsInstances && !types.isProxy(value) && isWritable(value));
}

/** What V8 composes when it is first looked at, by the user's `Error.prepareStackTrace` maybe. */
export function isStack(container: object, key: PropertyKey): boolean {
  return key === 'stack' && types.isNativeError(container);
}

/** Calls `visit` with everything that a container refers to, by `keys` too. Getters are not called. */
function forEachChild(
  container: object,
  keys: readonly PropertyKey[],
  visit: (child: unknown) => void,
): void {
  if (types.isMap(container)) {
    MapPrototypeForEach(container, (value, key) => {
      visit(key);
      visit(value);
    });
  } else if (types.isSet(container)) {
    SetPrototypeForEach(container, visit);
  }
  for (const key of keys) {
    if (isStack(container, key)) continue;
    const property = ReflectGetOwnPropertyDescriptor(container, key);
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
export function containersOf(root: object, binaries: BinaryCopier): Set<object> {
  const parents = new SafeMap<object, object[]>([[root, []]]);
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
  const found = new SafeSet<object>();
  while (reached.length > 0) {
    const container = reached.pop() as object;
    if (found.has(container)) continue;
    found.add(container);
    for (const parent of parents.get(container) ?? []) reached.push(parent);
  }
  return found;
}

/** Whether nothing but its class can make another one like it. */
export function isInstance(container: object): boolean {
  if (ArrayIsArray(container) || types.isMap(container) || types.isSet(container)) return false;
  const prototype = ObjectGetPrototypeOf(container);
  if (prototype === Object.prototype || prototype === null) return false;
  // Of what cannot be written there is another one.
  return keysOf(container).every((key) => {
    const property = ReflectGetOwnPropertyDescriptor(container, key);
    return property?.configurable || property?.writable || isPrimitive(property?.value);
  });
}
