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

const replacement = {
  read(this: Readable, size?: number): unknown {
    if (!inExitScope()) return ReflectApply(read, this, [size]);
    return noCapture(() => outOfContext(() => ReflectApply(read, this, [size])));
  },
}.read;

type Create = (this: unknown, ...args: unknown[]) => unknown;

function creating(create: Create): Create {
  // A function, as Node's is.
  return function (this: unknown, ...args) {
    const run = () => ReflectApply(create, this, args);
    return inExitScope() ? noCapture(run) : run();
  };
}

// What these make writes into the same memory for as long as it lives, and connections keep it (`perMessageDeflate` of ws).
function patchZlib(patches: Patches): void {
  for (const name of ObjectKeys(zlib)) {
    if (!name.startsWith('create')) continue;
    const create = (zlib as unknown as Record<string, Create>)[name] as Create;
    patches.replace(zlib, name, { value: disguise(creating(create), create) });
  }
}

/**
 * Replaces the functions of `node:zlib` that make streams, and `Readable.prototype.read`: a stream that is read from reads
 * on, into memory of its own that whoever reads next is given. It belongs to no `'exit'` scope, nor does what a stream
 * makes of it.
 */
export function patchStreams(patches: Patches): void {
  patches.replace(Readable.prototype, 'read', { value: disguise(replacement, read) });
  patchZlib(patches);
}
