import { Readable } from 'node:stream';
import { currentScope, noCapture, outOfContext } from '../current-scope.js';
import { gate } from '../gate.js';
import { ReflectApply } from '../primordials.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Read = (this: Readable, size?: number) => unknown;

const read = Readable.prototype.read as Read;

const replacement = {
  read(this: Readable, size?: number): unknown {
    if (gate.open === 0 || currentScope().release !== 'exit') {
      return ReflectApply(read, this, [size]);
    }
    return noCapture(() => outOfContext(() => ReflectApply(read, this, [size])));
  },
}.read;

/**
 * Replaces `Readable.prototype.read`: a stream that is read from reads on, into memory of its own that whoever reads next
 * is given. It belongs to no `'exit'` scope, nor does what a stream makes of it.
 */
export function patchStreams(patches: Patches): void {
  patches.replace(Readable.prototype, 'read', { value: disguise(replacement, read) });
}
