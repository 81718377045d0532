import {
  arrayBufferByteLength,
  OriginalArrayBuffer,
  OriginalUint8Array,
  setElements,
} from '../intrinsics.js';
import { native } from '../native.js';
import { ownerOf } from '../window.js';
import { isUntransferable, untransferableBuffer } from './message-marks.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Transfer = (this: ArrayBuffer, ...args: unknown[]) => ArrayBuffer;

// V8 moves the memory to another ArrayBuffer object, which would not keep the
// arena's memory from being used again. The new owner gets a copy.
function withCopy(transfer: Transfer, name: string): Transfer {
  const replacement: Record<string, Transfer> = {
    [name](...args) {
      const isOurs = typeof this === 'object' && this !== null && ownerOf(this) !== undefined;
      // One without bytes may be detached already; that is for V8 to refuse.
      if (!isOurs || arrayBufferByteLength(this) === 0) return Reflect.apply(transfer, this, args);
      const length = arrayBufferByteLength(this);
      const copy = isUntransferable(this)
        ? untransferableBuffer(length)
        : new OriginalArrayBuffer(length);
      setElements(new OriginalUint8Array(copy), new OriginalUint8Array(this));
      const result = Reflect.apply(transfer, copy, args);
      native.detach(this);
      return result;
    },
  };
  return disguise(replacement[name] as Transfer, transfer);
}

/** Replaces `transfer` and its like on `ArrayBuffer.prototype`, where there are any (Node 21). */
export function patchTransfer(patches: Patches): void {
  const { prototype } = OriginalArrayBuffer;
  for (const name of ['transfer', 'transferToFixedLength', 'transferToImmutable']) {
    const original = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    if (original !== undefined) {
      patches.replace(prototype, name, { value: withCopy(original, name) });
    }
  }
}
