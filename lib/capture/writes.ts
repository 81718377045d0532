import fs from 'node:fs';
import { Duplex, Writable } from 'node:stream';
import { gate } from '../gate.js';
import { ArrayIsArray, ObjectDefineProperty, ReflectApply } from '../primordials.js';
import { copyOfView, isReleasedView, lasting } from './lasting.js';
import { disguise } from './native-source.js';
import { getBuiltinModule, isLoaded, loadedModules } from './node-loading.js';
import type { Patches } from './patches.js';
import { isSink } from './sinks.js';

// All replacements are functions, as Node's are.

// A stream by `new Gzip()` has made the memory that it works in where it was made itself. All that it has put there by now has
// been handed out.
function keepOutput(stream: { _outBuffer?: unknown } | undefined): void {
  const memory = stream?._outBuffer;
  if (stream && isReleasedView(memory)) stream._outBuffer = copyOfView(memory);
}

type Write = (this: object, chunk: unknown, encoding: unknown, done: unknown) => unknown;

function writing(write: Write, isCopying: (stream: object) => boolean): Write {
  return function (this: object, chunk, encoding, done) {
    if (gate.used) keepOutput(this);
    const isCopied = isReleasedView(chunk) && isCopying(this);
    return ReflectApply(write, this, [isCopied ? copyOfView(chunk) : chunk, encoding, done]);
  };
}

type WriteFile = (this: unknown, file: unknown, data: unknown, ...rest: unknown[]) => unknown;

function writingFile(write: WriteFile): WriteFile {
  return function (this: unknown, file: unknown, data: unknown, options: unknown, done: unknown) {
    return ReflectApply(write, this, [file, lasting(data), options, done]);
  };
}

function lastingParts(message: unknown): unknown {
  if (!ArrayIsArray(message)) return lasting(message);
  const parts: unknown[] = [];
  for (let i = 0; i < message.length; i++) {
    // Whatever setters users may have given the prototype of arrays.
    ObjectDefineProperty(parts, i, {
      value: lasting(message[i]),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return parts;
}

type Send = (this: unknown, ...args: unknown[]) => unknown;

function sending(send: Send): Send {
  return function (this: unknown, ...args) {
    if (gate.used && args.length > 0) args[0] = lastingParts(args[0]);
    return ReflectApply(send, this, args);
  };
}

const WRITES = ['write', 'end'] as const;
const WHOLE_FILES = ['writeFile', 'appendFile'] as const;
const always = () => true;

function patchHttp(patches: Patches): void {
  const { prototype } = getBuiltinModule('node:http').OutgoingMessage;
  for (const name of WRITES) {
    const original = prototype[name] as Write;
    const value = disguise(writing(original, always), original);
    patches.replace(prototype, name, { value, mayStay: true });
  }
}

// They look for their address before they are sent.
function patchDatagrams(patches: Patches): void {
  const { prototype } = getBuiltinModule('node:dgram').Socket;
  const send = prototype.send as Send;
  patches.replace(prototype, 'send', { value: disguise(sending(send), send), mayStay: true });
}

// Loading these takes long, and what is sent needs no copies before a scope has been opened.
const LATE = [
  { name: 'http', patch: patchHttp, isDone: false },
  { name: 'dgram', patch: patchDatagrams, isDone: false },
];

let latePatches: Patches | undefined;
let seenModules = 0;

/** Does what {@link patchWrites} has left to do, where Node has loaded since what that is about. */
export function patchLoaded(): void {
  const modules = loadedModules();
  if (modules === seenModules || latePatches === undefined) return;
  for (let i = 0; i < LATE.length; i++) {
    const late = LATE[i] as (typeof LATE)[number];
    if (late.isDone || !isLoaded(late.name)) continue;
    late.patch(latePatches);
    late.isDone = true;
  }
  seenModules = modules;
}

/**
 * Replaces `write` and `end` of streams and HTTP messages, `writeFile`, `appendFile` and `send` of datagrams: all of these
 * work on what they are given after the scope may have ended that it was made in, so that it is copied first where the end
 * takes its memory away.
 */
export function patchWrites(patches: Patches): void {
  for (const name of WRITES) {
    const original = Writable.prototype[name] as Write;
    const value = disguise(writing(original, isSink), original);
    patches.replace(Writable.prototype, name, { value, mayStay: true });
    // Has Writable's as its own.
    if (Duplex.prototype[name] === original) {
      patches.replace(Duplex.prototype, name, { value, mayStay: true });
    }
  }
  for (const holder of [fs, fs.promises] as unknown as Record<string, WriteFile>[]) {
    for (const name of WHOLE_FILES) {
      const original = holder[name] as WriteFile;
      const value = disguise(writingFile(original), original);
      patches.replace(holder, name, { value, mayStay: true });
    }
  }
  for (let i = 0; i < LATE.length; i++) (LATE[i] as (typeof LATE)[number]).isDone = false;
  latePatches = patches;
  seenModules = 0;
}
