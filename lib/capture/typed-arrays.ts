import { counters } from '../counters.js';
import { gate } from '../gate.js';
import {
  OriginalArrayBuffer,
  TypedArrayBase,
  type TypedArrayConstructor,
  typedArrays,
} from '../intrinsics.js';
import { currentScope } from '../scope.js';
import { constructSlow } from './construct-slow.js';
import { type Kind, makeConstructor } from './constructor.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

const surroundings = { gate, counters, currentScope, constructSlow, OriginalArrayBuffer };

function replacementFor(name: string, Original: TypedArrayConstructor): TypedArrayConstructor {
  const kind: Kind = { name, Original, bytesPerElement: Original.BYTES_PER_ELEMENT };
  const constructor = makeConstructor(kind, surroundings);
  for (const key of Reflect.ownKeys(Original)) {
    const property = Reflect.getOwnPropertyDescriptor(Original, key);
    Object.defineProperty(constructor, key, property as PropertyDescriptor);
  }
  Object.setPrototypeOf(constructor, TypedArrayBase);
  return disguise(constructor, Original);
}

/** Replaces the typed-array constructors of this realm. */
export function patchTypedArrays(patches: Patches): void {
  for (const [name, Original] of typedArrays) {
    const constructor = replacementFor(name, Original);
    patches.replace(globalThis, name, { value: constructor });
    patches.replace(Original.prototype, 'constructor', { value: constructor });
  }
}
