import { counters } from '../counters.js';
import { isOutside, scopeFor } from '../current-scope.js';
import { gate } from '../gate.js';
import { TypedArrayBase, type TypedArrayConstructor, typedArrays } from '../intrinsics.js';
import {
  ObjectDefineProperty,
  ObjectSetPrototypeOf,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  SafeMap,
  types,
} from '../primordials.js';
import { constructSlow } from './construct-slow.js';
import { type Kind, makeConstructor } from './constructor.js';
import { withFastProperties } from './fast-properties.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';
import { addReplacement, patchSpecies } from './species.js';

const replacements = new SafeMap<unknown, TypedArrayConstructor>();

/**
 * What stands in for the constructor of that `prototype`, itself where it has been put back; undefined
 * for a user's prototype.
 */
export function replacementOn(prototype: unknown): TypedArrayConstructor | undefined {
  return replacements.get(prototype);
}

const kindsMade = new SafeMap<unknown, Kind>();

/** The kind of array that a replacement makes; undefined for all else. */
export function kindMadeBy(maker: unknown): Kind | undefined {
  return kindsMade.get(maker);
}

const { isAnyArrayBuffer } = types;
const surroundings = { gate, counters, isOutside, scopeFor, constructSlow, isAnyArrayBuffer };

function replacementFor(name: string, Original: TypedArrayConstructor): TypedArrayConstructor {
  const kind: Kind = { name, Original, bytesPerElement: Original.BYTES_PER_ELEMENT };
  const bound = makeConstructor(kind, surroundings);
  for (const key of ReflectOwnKeys(Original)) {
    const property = ReflectGetOwnPropertyDescriptor(Original, key);
    ObjectDefineProperty(bound, key, property as PropertyDescriptor);
  }
  ObjectSetPrototypeOf(bound, TypedArrayBase);
  replacements.set(Original.prototype, bound);
  kindsMade.set(bound, kind);
  addReplacement(bound);
  return withFastProperties(disguise(bound, Original));
}

/** Replaces the typed-array constructors of this realm. */
export function patchTypedArrays(patches: Patches): void {
  for (const [name, Original] of typedArrays) {
    const bound = replacementFor(name, Original);
    patches.replace(globalThis, name, { value: bound });
    patches.replace(Original.prototype, 'constructor', { value: bound });
  }
  patchSpecies(patches);
}

/** To be called when the constructors have been put back. */
export function forgetReplacements(): void {
  for (const Original of typedArrays.values()) replacements.set(Original.prototype, Original);
}
