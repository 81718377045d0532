import { Counter, counters } from '../counters.js';
import { currentScope, isOutside, scopeFor, servesByDefault } from '../current-scope.js';
import { gate } from '../gate.js';
import {
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  FastBuffer,
  fillElements,
  kindOf,
  lengthOf,
  OriginalUint8Array,
  setElements,
  type TypedArray,
} from '../intrinsics.js';
import {
  ArrayIsArray,
  NumberIsInteger,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  ObjectKeys,
  ReflectApply,
  types,
  uncurryThis,
} from '../primordials.js';
import { isOrdinaryArray, isOrdinaryBuffer } from '../shapes.js';
import { place } from '../source.js';
import { zeroFillsBuffers } from '../v8-flags.js';
import { windowsOf } from '../window.js';
import { disguise, sourceOf } from './native-source.js';
import { isNodeLoading } from './node-loading.js';
import type { Patches } from './patches.js';
import { position } from './position.js';
import { constructorOf, twinOf } from './twin.js';

type AllocateUnsafe = (size: number, alignment?: number) => Buffer;
const { alloc, byteLength, concat, from, isEncoding } = Buffer;
const { allocUnsafe, allocUnsafeSlow } = Buffer as unknown as Record<
  'allocUnsafe' | 'allocUnsafeSlow',
  AllocateUnsafe
>;
const { prototype } = Buffer as unknown as {
  prototype: { utf8Write: typeof Buffer.prototype.write };
};
// Programs may replace those of `prototype`, which Node does not call here.
const fillBuffer = uncurryThis(
  Buffer.prototype.fill as (
    this: Buffer,
    value: unknown,
    begin: number,
    end: number,
    encoding: unknown,
  ) => Buffer,
);
const writeText = uncurryThis(
  Buffer.prototype.write as (
    this: Buffer,
    text: string,
    at: number,
    length: number,
    encoding: string,
  ) => number,
);
// `write` looks at the encoding first.
const writeUtf8 = uncurryThis(
  prototype.utf8Write as (text: string, at: number, length: number) => number,
);
const { isProxy } = types;
const ordinaryValueOf = Object.prototype.valueOf;

// Whether Node makes larger ones depends on its version; that is for Node to say.
const MOST_BYTES = 2 ** 32;

// What a StringDecoder keeps its state in: streams have one for as long as they live, and Node ends the process where it
// makes no sense. Where `minBytes` lets 'exit' scopes have so little, these are Node's.
const DECODER_BYTES = 7;

function isForDecoder(size: unknown): boolean {
  return size === DECODER_BYTES && currentScope().release === 'exit';
}

/** A Buffer in the current scope's memory, undefined when Node is to make it. */
function allocate(size: unknown, overwritten: boolean): Buffer | undefined {
  // What is no length is for Node to refuse.
  if (typeof size !== 'number' || !(size >= gate.floor && size <= MOST_BYTES)) return undefined;
  if (!NumberIsInteger(size)) {
    return undefined;
  }
  const scope = gate.current ?? scopeFor(size);
  if (size < scope.minBytes || isNodeLoading()) return undefined;
  const { source } = scope;
  const zeroed = scope.zeroFill && !overwritten;
  const { window } = source;
  const offset = window.takePrepared(size, zeroed);
  if (offset >= 0) {
    counters[Counter.Captured]++;
    return new FastBuffer(window.buffer, offset, size);
  }
  if (!source.allocate(size, zeroed)) return undefined;
  return new FastBuffer(place.buffer, place.offset, size);
}

// Node takes what is small from its pool: it moves a pointer, too, but without a scope to find first.
// From so many bytes and characters on we are faster; from 192 bytes on of what is not filled, but protocols keep 256 to write
// in (pg-protocol takes them anew for each message).
const LEAST_UNSAFE = 257;
const LEAST_COPIED = 256;
const LEAST_CHARACTERS = 768;

const leavesOldBytes = !zeroFillsBuffers();

/** Whether something so small is for Node's pool; never where anyone has said from which size to serve. */
function isForPool(length: unknown, least: number): boolean {
  return typeof length === 'number' && length < least && servesByDefault();
}

function fromUtf8(text: string): Buffer | undefined {
  const length = byteLength(text);
  const buffer = allocate(length, true);
  if (buffer !== undefined) writeUtf8(buffer, text, 0, length);
  return buffer;
}

function fromString(text: string, encoding: unknown): Buffer | undefined {
  if (isForPool(text.length, LEAST_CHARACTERS)) return undefined;
  // Streams, files and sockets that are given text make Buffers of it here, and may write them when the scope has ended:
  // nobody who gives them text has made an array.
  if (currentScope().release === 'exit') return undefined;
  if (encoding === undefined || encoding === '' || encoding === 'utf8') return fromUtf8(text);
  if (typeof encoding !== 'string' || !isEncoding(encoding)) return undefined;
  const length = byteLength(text, encoding);
  const buffer = allocate(length, true);
  if (buffer === undefined) return undefined;
  const written = writeText(buffer, text, 0, length, encoding);
  if (written === length) return buffer;
  // Text that is not all hex or base64: the estimate was too long. As in Node, the Buffer is then
  // shorter than its ArrayBuffer.
  fillElements(buffer, 0, written, length);
  return new FastBuffer(bufferOf(buffer), byteOffsetOf(buffer), written);
}

function fromArrayLike(source: TypedArray | unknown[], length: number): Buffer | undefined {
  const buffer = allocate(length, true);
  if (buffer !== undefined) setElements(buffer, source as ArrayLike<unknown>);
  return buffer;
}

function capturedFrom(value: unknown, encoding: unknown): Buffer | undefined {
  if (typeof value === 'string') return fromString(value, encoding);
  if (typeof value !== 'object' || value === null) return undefined;
  if (kindOf(value) !== undefined && isForPool(lengthOf(value), LEAST_COPIED)) return undefined;
  if (isProxy(value)) return undefined;
  if (types.isTypedArray(value)) {
    // Node asks for their length, which users may have put on them.
    if (!isUnadorned(value) || hasOtherValue(value)) return undefined;
    // Node takes their elements as numbers and says so in its own words.
    if (types.isBigInt64Array(value) || types.isBigUint64Array(value)) return undefined;
    return fromArrayLike(value, lengthOf(value));
  }
  if (ArrayIsArray(value) && !hasOtherValue(value)) return fromArrayLike(value, value.length);
  return undefined;
}

/** Whether Node makes the Buffer of what `valueOf` returns. Asks no getter, as Node will ask it. */
function hasOtherValue(array: object): boolean {
  for (let object = array; object !== Object.prototype; object = ObjectGetPrototypeOf(object)) {
    if (object === null || ObjectHasOwn(object, 'valueOf')) return true;
  }
  return ObjectGetOwnPropertyDescriptor(Object.prototype, 'valueOf')?.value !== ordinaryValueOf;
}

function isUnadorned(array: TypedArray): boolean {
  return isOrdinaryBuffer(array) || isOrdinaryArray(array, kindOf(array) as string);
}

// From Node 24 on. Up to 22 it asks parts for a length that users may have put on them, and calls Buffer.allocUnsafe, so that
// what it joins is served there.
const concatIsKnown = [
  '+= TypedArrayPrototypeGetByteLength(buf)',
  'TypedArrayPrototypeSubarray(buf, 0, length - pos)',
].every((part) => sourceOf(concat).includes(part));

const NO_BYTES = new OriginalUint8Array(0);
const beginningOf = uncurryThis(
  OriginalUint8Array.prototype.subarray as (
    this: Uint8Array,
    from: number,
    to: number,
  ) => Uint8Array,
);

/**
 * What Node's concat does where it {@link concatIsKnown}, step by step, as a list may have getters.
 *
 * @returns undefined when Node is to do it, or to refuse
 */
function joined(list: readonly Uint8Array[], length: unknown): Buffer | undefined {
  if (!concatIsKnown || !(length === undefined || isCount(length))) return undefined;
  // Node's check of the list asks for its length, too: it may not be less than 0.
  if (!ArrayIsArray(list) || list.length < 0) return undefined;
  if (list.length === 0) return allocUnsafe(0);
  const bytes = bytesOf(list, length === undefined);
  const size = length ?? bytes;
  if (size > MOST_BYTES) return undefined;
  const whole =
    (isForPool(size, LEAST_COPIED) ? undefined : allocate(size, true)) ?? allocUnsafe(size);
  const end = length === undefined ? join(whole, list) : joinUpTo(length, whole, list);
  if (end < size) fillElements(whole, 0, end, size);
  return whole;
}

function isCount(length: unknown): length is number {
  return NumberIsInteger(length) && (length as number) >= 0 && (length as number) <= MOST_BYTES;
}

/** @throws what Node throws for the first part that is none; it looks at that again where it has been told a length */
function bytesOf(list: readonly Uint8Array[], toldNone: boolean): number {
  let bytes = 0;
  for (let i = 0; i < list.length; i++) {
    const part = list[i];
    if (kindOf(part) !== 'Uint8Array') refusePart(toldNone ? part : list[i], i);
    bytes += byteLengthOf(part);
  }
  return bytes;
}

function refusePart(part: unknown, at: number): never {
  const list = new Array(at).fill(NO_BYTES);
  list.push(part);
  concat(list);
  throw new Error('Buffer.concat has taken what is no Uint8Array');
}

/**
 * By index, as Node does; the list may have an iterator of its own.
 *
 * @returns where the last part ends
 */
function join(buffer: Buffer, list: readonly Uint8Array[]): number {
  let at = 0;
  for (let i = 0; i < list.length; i++) {
    const part = list[i] as Uint8Array;
    const length = byteLengthOf(part);
    setElements(buffer, part, at);
    at += length;
  }
  return at;
}

function joinUpTo(most: number, buffer: Buffer, list: readonly Uint8Array[]): number {
  let at = 0;
  for (let i = 0; i < list.length; i++) {
    const part = list[i] as Uint8Array;
    const length = byteLengthOf(part);
    if (at + length > most) {
      setElements(buffer, beginningOf(asUsersAreToSee(part), 0, most - at), at);
      return most;
    }
    setElements(buffer, part, at);
    at += length;
  }
  return at;
}

// Node takes a subarray by the method it kept before we came, which shows a user's constructor the ArrayBuffer: that has to
// be the exact one.
function asUsersAreToSee(part: Uint8Array): Uint8Array {
  if (windowsOf(bufferOf(part)) === undefined) return part;
  return twinOf(part, constructorOf(part)) as Uint8Array;
}

// Functions, as `new Buffer.from(text)` is seen in the wild.
const replacements = {
  alloc: function (
    size: number,
    fill?: string | Uint8Array | number,
    encoding?: BufferEncoding,
  ): Buffer {
    if (gate.open > 0) {
      const filled = fill !== undefined && fill !== 0;
      const buffer = isForDecoder(size) ? undefined : allocate(size, filled);
      if (buffer !== undefined)
        return filled ? fillBuffer(buffer, fill, 0, size, encoding) : buffer;
    }
    return alloc(size, fill, encoding);
  },

  // Since Node 26 both take an alignment, by which Node allocates.
  allocUnsafe: function (size: number, alignment?: number): Buffer {
    if (isForPool(size, LEAST_UNSAFE) || gate.open === 0 || alignment !== undefined) {
      return allocUnsafe(size, alignment);
    }
    return allocate(size, leavesOldBytes) ?? allocUnsafe(size);
  },

  allocUnsafeSlow: function (size: number, alignment?: number): Buffer {
    if (alignment !== undefined) return allocUnsafeSlow(size, alignment);
    return (gate.open > 0 ? allocate(size, leavesOldBytes) : undefined) ?? allocUnsafeSlow(size);
  },

  from: function (value: unknown, encodingOrOffset?: unknown, length?: unknown): Buffer {
    const isServed = gate.open > 0 && !isOutside();
    const captured = isServed ? capturedFrom(value, encodingOrOffset) : undefined;
    return captured ?? from(value as ArrayBuffer, encodingOrOffset as number, length as number);
  },

  concat: function (list: readonly Uint8Array[], length?: number): Buffer {
    return (gate.open > 0 ? joined(list, length) : undefined) ?? concat(list, length);
  },
};

const { subarray } = Buffer.prototype;

// Node's own asks for `.buffer`, and an exact buffer costs more than the rest of
// the work. Also what Buffer.prototype.slice calls.
// A function, as Node's is.
const subarrayReplacement = function (this: Buffer, start?: number, end?: number): Buffer {
  // Up to Node 22 it asks for the length, which users may have put there.
  if (gate.open > 0 && kindOf(this) === 'Uint8Array' && isUnadorned(this)) {
    const length = lengthOf(this);
    const from = position(start, length);
    const to = end === undefined ? length : position(end, length);
    if (from < to) return new FastBuffer(bufferOf(this), byteOffsetOf(this) + from, to - from);
    // An empty one on a window might be taken for the start of the next allocation.
    return new FastBuffer(this.buffer as ArrayBuffer, this.byteOffset + from, 0);
  }
  return ReflectApply(subarray, this, [start, end]) as Buffer;
};

/** Replaces the functions of Buffer that make Buffers. */
export function patchBuffer(patches: Patches): void {
  patches.replace(Buffer.prototype, 'subarray', { value: disguise(subarrayReplacement, subarray) });
  for (const name of ObjectKeys(replacements) as (keyof typeof replacements)[]) {
    disguise(replacements[name], Buffer[name]);
    patches.replace(Buffer, name, { value: replacements[name] });
  }
  // Buffer inherits from what is now called Uint8Array.
  patches.replacePrototype(Buffer, Uint8Array);
}
