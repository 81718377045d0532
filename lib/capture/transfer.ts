import { arrayBufferByteLength, OriginalArrayBuffer } from '../intrinsics.js';
import { bringUpToDate } from '../message.js';
import { isObject } from '../message-reading.js';
import { native } from '../native.js';
import { ObjectGetOwnPropertyDescriptor, ReflectApply } from '../primordials.js';
import { ownerOf } from '../window.js';
import { isUntransferable, untransferableBuffer } from './message-marks.js';
import { disguise } from './native-source.js';
import { patchOtherRealms } from './other-realms.js';
import type { Patches } from './patches.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Transfer = (this: ArrayBuffer, ...args: unknown[]) => ArrayBuffer;

/** As JavaScript has it; an object where there is none, for V8 to refuse. */
function primitiveOf(value: object, hint: string): unknown {
  const exotic = (value as { [Symbol.toPrimitive]?: Method })[Symbol.toPrimitive];
  if (exotic !== undefined && exotic !== null) return ReflectApply(exotic, value, [hint]);
  for (const name of ['valueOf', 'toString'] as const) {
    const method: unknown = value[name];
    if (typeof method !== 'function') continue;
    const primitive = ReflectApply(method, value, []);
    if (!isObjectOrFunction(primitive)) return primitive;
  }
  return value;
}

function isObjectOrFunction(value: unknown): value is object {
  return isObject(value) || typeof value === 'function';
}

/** What V8 makes the same number of as of `length`; calls `andThen` when user code has done its part. */
function lengthAndThen(length: unknown, andThen: () => void): unknown {
  if (!isObjectOrFunction(length)) {
    andThen();
    return length;
  }
  return {
    [Symbol.toPrimitive](hint: string) {
      const primitive = primitiveOf(length, hint);
      andThen();
      return primitive;
    },
  };
}

// V8 moves the memory to another ArrayBuffer object, which would not keep the
// arena's memory from being used again. The new owner gets a copy.
function withCopy(transfer: Transfer, name: string): Transfer {
  const replacement: Record<string, Transfer> = {
    [name](...args) {
      const isOurs = isObject(this) && ownerOf(this) !== undefined;
      const length = isOurs ? arrayBufferByteLength(this) : 0;
      // One without bytes is detached; that is for V8 to refuse.
      if (length === 0) return ReflectApply(transfer, this, args);
      const copy = isUntransferable(this)
        ? untransferableBuffer(length)
        : new OriginalArrayBuffer(length);
      // The new length may come from user code that writes to the bytes, or takes them away.
      const newLength = lengthAndThen(args[0], () => bringUpToDate(copy, this));
      const result = ReflectApply(transfer, copy, [newLength]);
      native.detach(this);
      return result;
    },
  };
  return disguise(replacement[name] as Transfer, transfer);
}

function replaceTransfers(patches: Patches, prototype: object): void {
  for (const name of ['transfer', 'transferToFixedLength', 'transferToImmutable']) {
    const original = ObjectGetOwnPropertyDescriptor(prototype, name)?.value;
    if (original !== undefined) {
      patches.replace(prototype, name, { value: withCopy(original, name) });
    }
  }
}

/**
 * Replaces `transfer` and its like on `ArrayBuffer.prototype`, where there are any (Node 21), in this
 * realm and in others.
 */
export function patchTransfer(patches: Patches): void {
  replaceTransfers(patches, OriginalArrayBuffer.prototype);
  patchOtherRealms(patches, replaceTransfers);
}
