import fs from 'node:fs';
import { Duplex, Writable } from 'node:stream';
import { Gzip } from 'node:zlib';
import { bufferUnder } from '../binary.js';
import { copyToRun } from '../copy-bytes.js';
import { gate } from '../gate.js';
import {
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  dataViewBufferOf,
  dataViewLengthOf,
  dataViewOffsetOf,
  FastBuffer,
  kindOf,
  lengthOf,
  OriginalDataView,
  type TypedArray,
  type TypedArrayConstructor,
  typedArrays,
} from '../intrinsics.js';
import {
  ArrayBufferIsView,
  ObjectGetPrototypeOf,
  ReflectApply,
  ReflectGetOwnPropertyDescriptor,
  SafeWeakMap,
  types,
} from '../primordials.js';
import { isReleasedAtEnd } from '../window.js';
import { disguise } from './native-source.js';
import { isLoaded, loadedModules } from './node-loading.js';
import type { Patches } from './patches.js';

// The class of all streams of zlib is not exported.
const zlibStream = ObjectGetPrototypeOf(Gzip.prototype);

// Nor is that of the streams of http2.
function isHttp2Stream(prototype: object): boolean {
  const { value } = ReflectGetOwnPropertyDescriptor(prototype, 'constructor') ?? {};
  return typeof value === 'function' && value.name === 'Http2Stream';
}

// There are neither files nor sockets where nobody has loaded their modules, which takes long.

let fileStream: object | null = null;

function isFileStream(prototype: object): boolean {
  if (fileStream === null && isLoaded('internal/fs/streams')) {
    fileStream = fs.WriteStream.prototype;
    // What programs put in its place inherits from it (graceful-fs).
    while (fileStream !== null && !ReflectGetOwnPropertyDescriptor(fileStream, '_write')) {
      fileStream = ObjectGetPrototypeOf(fileStream);
    }
  }
  return prototype === fileStream;
}

function isSocket(prototype: object): boolean {
  if (!isLoaded('net')) return false;
  const { Socket } = require('node:net') as typeof import('node:net');
  return prototype === Socket.prototype;
}

const sinks = new SafeWeakMap<object, boolean>();

/** Whether a stream hands what it is given to the system or to another thread, and shows it to nobody. */
function isSink(stream: object): boolean {
  const first: object | null = ObjectGetPrototypeOf(stream);
  if (first === null) return false;
  let found = sinks.get(first);
  if (found === undefined) {
    found = false;
    for (let each: object | null = first; each && !found; each = ObjectGetPrototypeOf(each)) {
      found = each === zlibStream || isFileStream(each) || isSocket(each) || isHttp2Stream(each);
    }
    sinks.set(first, found);
  }
  return found;
}

function copyOfView(view: TypedArray | DataView): ArrayBufferView {
  if (types.isDataView(view)) {
    const length = dataViewLengthOf(view);
    const copy = copyToRun(dataViewBufferOf(view), dataViewOffsetOf(view), length);
    return new OriginalDataView(copy, 0, length);
  }
  const copy = copyToRun(bufferOf(view), byteOffsetOf(view), byteLengthOf(view));
  const kind = kindOf(view) as string;
  // What is no Buffer becomes one.
  const Original = kind === 'Uint8Array' ? FastBuffer : typedArrays.get(kind);
  return new (Original as TypedArrayConstructor)(copy, 0, lengthOf(view));
}

function isReleasedView(value: unknown): value is TypedArray | DataView {
  if (!gate.used || typeof value !== 'object' || !ArrayBufferIsView(value)) return false;
  return isReleasedAtEnd(bufferUnder(value as TypedArray | DataView));
}

type Write = (this: object, chunk: unknown, encoding: unknown, done: unknown) => unknown;

function writing(write: Write, isCopying: (stream: object) => boolean): Write {
  // A function, as Node's is.
  return function (this: object, chunk, encoding, done) {
    const isCopied = isReleasedView(chunk) && isCopying(this);
    return ReflectApply(write, this, [isCopied ? copyOfView(chunk) : chunk, encoding, done]);
  };
}

type WriteFile = (this: unknown, file: unknown, data: unknown, ...rest: unknown[]) => unknown;

function writingFile(write: WriteFile): WriteFile {
  return {
    writeFile(this: unknown, file: unknown, data: unknown, options: unknown, done: unknown) {
      const lasting = isReleasedView(data) ? copyOfView(data) : data;
      return ReflectApply(write, this, [file, lasting, options, done]);
    },
  }.writeFile;
}

const WRITES = ['write', 'end'] as const;
const WHOLE_FILES = ['writeFile', 'appendFile'] as const;

// Loading Node's HTTP takes long, and messages need no copies before a scope has been opened.
let waitingForHttp: Patches | undefined;
let seenModules = 0;

function patchHttp(patches: Patches): void {
  const { OutgoingMessage } = require('node:http') as typeof import('node:http');
  const { prototype } = OutgoingMessage as unknown as { prototype: Record<string, Write> };
  for (const name of WRITES) {
    const original = prototype[name] as Write;
    patches.replace(prototype, name, {
      value: disguise(
        writing(original, () => true),
        original,
      ),
    });
  }
}

/** Does what {@link patchWrites} has left to do, if anything that Node has loaded since asks for it. */
export function patchLoaded(): void {
  const modules = loadedModules();
  if (modules === seenModules || waitingForHttp === undefined) return;
  if (isLoaded('http')) {
    patchHttp(waitingForHttp);
    waitingForHttp = undefined;
  }
  seenModules = modules;
}

/**
 * Replaces `write` and `end` of streams and HTTP messages, `writeFile` and `appendFile`: sockets, files and zlib work on what
 * they are given after the scope may have ended that it was made in, so that it is copied first where the end takes its
 * memory away.
 */
export function patchWrites(patches: Patches): void {
  for (const name of WRITES) {
    const original = Writable.prototype[name] as Write;
    const value = disguise(writing(original, isSink), original);
    patches.replace(Writable.prototype, name, { value });
    // Has Writable's as its own.
    if (Duplex.prototype[name] === original) patches.replace(Duplex.prototype, name, { value });
  }
  for (const holder of [fs, fs.promises] as unknown as Record<string, WriteFile>[]) {
    for (const name of WHOLE_FILES) {
      const original = holder[name] as WriteFile;
      patches.replace(holder, name, { value: disguise(writingFile(original), original) });
    }
  }
  waitingForHttp = patches;
  seenModules = 0;
}
