import { gate } from '../gate.js';
import {
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  type TypedArray,
  TypedArrayBase,
} from '../intrinsics.js';
import { ObjectGetOwnPropertyDescriptor } from '../primordials.js';
import { exactBufferOf, startOf, windowsOf } from '../window.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

// What an array on a window has in common with others is not its own: these
// getters answer as for an array with an ArrayBuffer to itself.
const replacements = {
  get buffer(): ArrayBufferLike {
    const buffer = bufferOf(this);
    if (!gate.used) return buffer;
    const windows = windowsOf(buffer);
    return windows === undefined ? buffer : exactBufferOf(this as unknown as TypedArray, windows);
  },

  get byteOffset(): number {
    const offset = byteOffsetOf(this);
    // At 0 starts an allocation, if it is a window at all.
    if (offset === 0 || !gate.used) return offset;
    const windows = windowsOf(bufferOf(this));
    return windows === undefined ? offset : offset - startOf(offset, byteLengthOf(this), windows);
  },
};

/** Replaces `%TypedArray%.prototype.buffer` and `.byteOffset`. */
export function patchAccessors(patches: Patches): void {
  const { prototype } = TypedArrayBase;
  for (const name of ['buffer', 'byteOffset'] as const) {
    const get = ObjectGetOwnPropertyDescriptor(replacements, name)?.get as () => unknown;
    const original = ObjectGetOwnPropertyDescriptor(prototype, name)?.get as () => unknown;
    patches.replace(prototype, name, { get: disguise(get, original) });
  }
}
