import { currentScope } from '../current-scope.js';
import { gate, NOTHING_SERVED } from '../gate.js';
import { OriginalArrayBuffer } from '../intrinsics.js';
import { ObjectGetOwnPropertyDescriptor, ReflectApply } from '../primordials.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Getter = (this: unknown) => unknown;

/**
 * Replaces `ArrayBuffer.prototype.detached`, where there is one (Node 22). The bodies of `Response`, `Request` and `fetch`
 * are copies, which whoever answers with them reads after the scope; undici makes such a copy with an array that nothing
 * tells from others, and looks whether the original is detached right before. So that look makes the next array in an
 * `'exit'` scope an ordinary one.
 */
export function patchDetached(patches: Patches): void {
  const { prototype } = OriginalArrayBuffer;
  const original = ObjectGetOwnPropertyDescriptor(prototype, 'detached')?.get as Getter | undefined;
  if (original === undefined) return;
  const holder = {
    get detached(): unknown {
      if (gate.open > 0 && currentScope().release === 'exit') gate.ceiling = NOTHING_SERVED;
      return ReflectApply(original, this, []);
    },
  };
  const getter = ObjectGetOwnPropertyDescriptor(holder, 'detached')?.get as Getter;
  patches.replace(prototype, 'detached', { get: disguise(getter, original) });
}
