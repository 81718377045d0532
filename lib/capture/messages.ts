import { Blob } from 'node:buffer';
import v8 from 'node:v8';
import threads from 'node:worker_threads';
import { isArenaMemoryAlive } from '../alive.js';
import {
  arrayBufferByteLength,
  OriginalArrayBuffer,
  OriginalUint8Array,
  setElements,
} from '../intrinsics.js';
import { serializable } from '../message.js';
import { isObject, ORDINARY, type Reading } from '../message-reading.js';
import { native } from '../native.js';
import {
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ReflectApply,
  SafeMap,
  SafeWeakSet,
  uncurryThis,
} from '../primordials.js';
import {
  isAnyUntransferable,
  isOurs,
  isUntransferable,
  untransferableBuffer,
} from './message-marks.js';
import { disguise } from './native-source.js';
import { Patches } from './patches.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value;
}

const LARGEST_ELEMENT = 8;

function copyOf(buffer: ArrayBuffer): ArrayBuffer {
  const length = arrayBufferByteLength(buffer);
  // It stands for one that has been given away, and is detached itself once there are views of it.
  if (length === 0) return new OriginalArrayBuffer(LARGEST_ELEMENT);
  const copy = new OriginalArrayBuffer(length);
  setElements(new OriginalUint8Array(copy), new OriginalUint8Array(buffer));
  return copy;
}

// ArrayBuffers over memory that is not V8's cannot be transferred, or are cloned instead (Node 20).
function copiesFor(list: readonly unknown[]): Reading['transfers'] {
  const copies = new SafeMap<ArrayBufferLike, ArrayBuffer>();
  for (const item of list) {
    if (isOurs(item) && !isUntransferable(item)) copies.set(item, copyOf(item));
  }
  return copies;
}

/** Sends by `send`, and detaches what was transferred. */
function sendWith(list: readonly unknown[], message: unknown, send: Method, self: unknown) {
  const copies = copiesFor(list);
  const reading = { ...ORDINARY, transfers: copies };
  const transfer = list.map((item) =>
    isUntransferable(item) ? untransferableBuffer() : (copies.get(item as ArrayBuffer) ?? item),
  );
  try {
    const given = serializable(message, reading);
    copies.forEach((copy, buffer) => {
      if (arrayBufferByteLength(buffer) === 0) native.detach(copy);
    });
    return ReflectApply(send, self, [given, { transfer }]);
  } finally {
    // Also when what came out of it could not be read.
    copies.forEach((copy, buffer) => {
      const wasSent = arrayBufferByteLength(copy) === 0 && arrayBufferByteLength(buffer) > 0;
      if (wasSent) native.detach(buffer as ArrayBuffer);
    });
  }
}

function sending(send: Method, takesList: boolean): Method {
  const sendAlone = uncurryThis(send);
  return function (this: unknown, ...args) {
    const [message, options] = args;
    // Node tells a missing argument from undefined.
    if (args.length === 0 || !(isArenaMemoryAlive() || isAnyUntransferable())) {
      return ReflectApply(send, this, args);
    }
    if (args.length === 1) return sendAlone(this, serializable(message));
    if (!isObject(options)) {
      return ReflectApply(send, this, [serializable(message), ...args.slice(1)]);
    }
    // Looked at just once, and gone through just once.
    const transfer =
      takesList && isIterable(options) ? options : (options as { transfer?: unknown }).transfer;
    if (isIterable(transfer)) return sendWith([...transfer], message, send, this);
    return ReflectApply(send, this, [serializable(message), { transfer }]);
  };
}

// Serializers that hand each view to a method of theirs, as v8.serialize and child processes do.
const takingViews = new SafeWeakSet<object>();

function choosing(setTakesViews: Method): Method {
  return function (this: unknown, ...args) {
    const result = ReflectApply(setTakesViews, this, args);
    if (args[0]) takingViews.add(this as object);
    else takingViews.delete(this as object);
    return result;
  };
}

// To serializers in JavaScript, Node's own classes are ordinary from Node 21 on.
function readingOf(writeValue: Method): Reading {
  try {
    ReflectApply(writeValue, new v8.Serializer(), [new Blob([])]);
    return { ...ORDINARY, knowsHosts: false };
  } catch {
    return ORDINARY;
  }
}

function writing(writeValue: Method): Method {
  let reading: Reading | undefined;
  return function (this: unknown, ...args) {
    if (args.length > 0 && isArenaMemoryAlive() && !takingViews.has(this as object)) {
      reading ??= readingOf(writeValue);
      args[0] = serializable(args[0], reading);
    }
    return ReflectApply(writeValue, this, args);
  };
}

const movedPrototypes = new SafeWeakSet<object>();

// Ports of another realm have methods of their own, which come into being with the first of them.
function moving(move: Method): Method {
  return function (this: unknown, ...args) {
    const port = ReflectApply(move, this, args);
    const prototype = ObjectGetPrototypeOf(port);
    if (prototype !== threads.MessagePort.prototype && !movedPrototypes.has(prototype)) {
      movedPrototypes.add(prototype);
      replaceMethod(new Patches(), prototype, 'postMessage', (send) => sending(send, true));
    }
    return port;
  };
}

function replaceMethod(
  patches: Patches,
  holder: object,
  name: string,
  replacementFor: (original: Method) => Method,
): void {
  const original = ObjectGetOwnPropertyDescriptor(holder, name)?.value as Method;
  patches.replace(holder, name, { value: disguise(replacementFor(original), original) });
}

/**
 * Replaces all that gives messages to V8's serializer: `structuredClone`, the `postMessage` of
 * ports (which workers use, too, and also where they are moved to other realms) and channels,
 * `v8.Serializer`. What performance entries clone is in
 * performance-entries.ts.
 */
export function patchMessages(patches: Patches): void {
  const replace = replaceMethod.bind(undefined, patches);
  replace(globalThis, 'structuredClone', (send) => sending(send, false));
  replace(threads.MessagePort.prototype, 'postMessage', (send) => sending(send, true));
  replace(threads.BroadcastChannel.prototype, 'postMessage', (send) => sending(send, false));
  replace(threads, 'moveMessagePortToContext', moving);
  const { prototype } = v8.Serializer;
  replace(prototype, '_setTreatArrayBufferViewsAsHostObjects', choosing);
  replace(prototype, 'writeValue', writing);
}
