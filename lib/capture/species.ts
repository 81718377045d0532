import { config } from '../config.js';
import { gate, NOTHING_SERVED } from '../gate.js';
import { TypedArrayBase } from '../intrinsics.js';
import {
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  SafeSet,
} from '../primordials.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

const replacements = new SafeSet<unknown>();

/** Says that a function stands in for a built-in constructor. */
export function addReplacement(replacement: unknown): void {
  replacements.add(replacement);
}

// Node's own code copies arrays and ArrayBuffers with `slice` as well, by the method it kept before we
// came, and then hands their memory to native code or gives their ArrayBuffer away without the array
// that keeps it: what it makes must not lie in an arena. Such a method looks at `Symbol.species` and
// calls the constructor next; so a look that no method of ours has announced makes the next
// construction an ordinary one. All that a user who looks notices is one array from V8. No method of
// ours copies ArrayBuffers.
function makeGetter(isAnnounced: () => boolean): () => unknown {
  const holder = {
    get species(): unknown {
      if (gate.open > 0 && !isAnnounced() && replacements.has(this)) {
        gate.ceiling = NOTHING_SERVED;
      }
      gate.serveSpecies = false;
      return this;
    },
  };
  return ObjectGetOwnPropertyDescriptor(holder, 'species')?.get as () => unknown;
}

/** Whether the array about to be made is one that Node's own code makes; asked just once for each. */
export function isOrdinaryBySpecies(): boolean {
  if (gate.ceiling !== NOTHING_SERVED) return false;
  gate.ceiling = config.slabBytes / 2;
  return true;
}

const getterOn = (holder: object) =>
  ObjectGetOwnPropertyDescriptor(holder, Symbol.species)?.get as (() => unknown) | undefined;

const getters = new SafeSet<unknown>();

function patch(patches: Patches, holder: object, isAnnounced: () => boolean): void {
  const getter = disguise(makeGetter(isAnnounced), getterOn(holder) as () => unknown);
  getters.add(getter);
  patches.replace(holder, Symbol.species, { get: getter });
}

/** Replaces the `Symbol.species` of typed arrays. */
export function patchSpecies(patches: Patches): void {
  patch(patches, TypedArrayBase, () => gate.serveSpecies);
}

/** Replaces the `Symbol.species` of what stands in for ArrayBuffer. */
export function patchBufferSpecies(patches: Patches, replacement: object): void {
  patch(patches, replacement, () => false);
}

/** Whether a replaced typed-array constructor still inherits our `Symbol.species`. */
export function hasPatchedSpecies(maker: object): boolean {
  return (
    !ObjectHasOwn(maker, Symbol.species) &&
    ObjectGetPrototypeOf(maker) === TypedArrayBase &&
    getters.has(getterOn(TypedArrayBase))
  );
}

/** The `Symbol.species` of a constructor, as a method that arenas serve sees it. */
export function servedSpeciesOf(maker: object): unknown {
  gate.serveSpecies = true;
  try {
    return (maker as { [Symbol.species]?: unknown })[Symbol.species];
  } finally {
    // A user's may have thrown.
    gate.serveSpecies = false;
  }
}

/**
 * Calls a built-in method as one whose result arenas serve.
 *
 * @param method - looks at the species of `array` and makes its result with no user's code before or between
 */
export function callServed<Result>(
  method: (array: unknown, a: unknown, b: unknown) => Result,
  array: unknown,
  a: unknown,
  b: unknown,
): Result {
  gate.serveSpecies = true;
  try {
    return method(array, a, b);
  } finally {
    gate.serveSpecies = false;
  }
}
