import fs from 'node:fs';
import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import { currentScope, noCapture, outOfContext } from '../current-scope.js';
import { gate } from '../gate.js';
import { ObjectKeys, ReflectApply } from '../primordials.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Read = (this: Readable, size?: number) => unknown;

const read = Readable.prototype.read as Read;

const inExitScope = () => gate.open > 0 && currentScope().release === 'exit';

// A function, as Node's is.
const replacement = function (this: Readable, size?: number): unknown {
  if (!inExitScope()) return ReflectApply(read, this, [size]);
  return noCapture(() => outOfContext(() => ReflectApply(read, this, [size])));
};

type Method = (this: unknown, ...args: unknown[]) => unknown;

function withoutCapture(original: Method): Method {
  // A function, as Node's is.
  return function (this: unknown, ...args) {
    const run = () => ReflectApply(original, this, args);
    return inExitScope() ? noCapture(run) : run();
  };
}

const ONE_BUFFER = /^(deflate|gzip|inflate|gunzip|unzip|(brotli|zstd)(C|Dec)ompress)(Raw)?$/;

// What streams and the functions for one Buffer make, they write into in another thread: connections keep the memory
// (`perMessageDeflate` of ws), and a scope may end by an error while that thread is at work.
function patchZlib(patches: Patches): void {
  const functions = zlib as unknown as Record<string, Method>;
  for (const name of ObjectKeys(zlib)) {
    if (!name.startsWith('create') && !ONE_BUFFER.test(name)) continue;
    const original = functions[name] as Method;
    const value = disguise(withoutCapture(original), original);
    patches.replace(zlib, name, { value, mayStay: true });
  }
}

function readingFile(readFile: Method): Method {
  return {
    readFile(this: unknown, ...args: unknown[]) {
      const run = () => ReflectApply(readFile, this, args);
      return inExitScope() ? noCapture(() => outOfContext(run)) : run();
    },
  }.readFile;
}

/**
 * Replaces the functions of `node:zlib` that work in other threads, `fs.promises.readFile`, which does as well, and
 * `Readable.prototype.read`: a stream that is read from reads on, into memory of its own that whoever reads next is given. It
 * belongs to no `'exit'` scope, nor does what a stream makes of it.
 */
export function patchStreams(patches: Patches): void {
  patches.replace(Readable.prototype, 'read', {
    value: disguise(replacement, read),
    mayStay: true,
  });
  patchZlib(patches);
  const { promises } = fs as unknown as { promises: Record<string, Method> };
  const readFile = promises.readFile as Method;
  const value = disguise(readingFile(readFile), readFile);
  patches.replace(promises, 'readFile', { value, mayStay: true });
}
