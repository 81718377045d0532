import { config } from '../config.js';
import { gate, NOTHING_SERVED } from '../gate.js';
import { TypedArrayBase, uncurryThis } from '../intrinsics.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

const replacements = new Set<unknown>();

/** Says that a function stands in for a built-in constructor. */
export function addReplacement(replacement: unknown): void {
  replacements.add(replacement);
}

// Node's own code copies arrays with `slice` as well, by the method it kept before we came, and
// then hands their memory to native code or gives their ArrayBuffer away without the array that
// keeps it: what it makes must not lie in an arena. Such a method looks at `Symbol.species` and
// calls the constructor next; so a look that no method of ours has announced makes the next
// construction an ordinary one. All that a user who looks notices is one array from V8.
function makeGetter(): () => unknown {
  const holder = {
    get species(): unknown {
      if (gate.open > 0 && !gate.serveSpecies && replacements.has(this)) {
        gate.ceiling = NOTHING_SERVED;
      }
      gate.serveSpecies = false;
      return this;
    },
  };
  return Object.getOwnPropertyDescriptor(holder, 'species')?.get as () => unknown;
}

/** Whether the array about to be made is one that Node's own code makes; asked just once for each. */
export function isOrdinaryBySpecies(): boolean {
  if (gate.ceiling !== NOTHING_SERVED) return false;
  gate.ceiling = config.slabBytes / 2;
  return true;
}

const getterOn = (holder: object) =>
  Object.getOwnPropertyDescriptor(holder, Symbol.species)?.get as (() => unknown) | undefined;

const getters = new Set<unknown>();

/** Replaces the `Symbol.species` that `holder` has. */
export function patchSpecies(patches: Patches, holder: object): void {
  const getter = disguise(makeGetter(), getterOn(holder) as () => unknown);
  getters.add(getter);
  patches.replace(holder, Symbol.species, { get: getter });
}

/** Whether a replaced typed-array constructor still inherits our `Symbol.species`. */
export function hasPatchedSpecies(maker: object): boolean {
  return (
    !Object.hasOwn(maker, Symbol.species) &&
    Object.getPrototypeOf(maker) === TypedArrayBase &&
    getters.has(getterOn(TypedArrayBase))
  );
}

/** The `Symbol.species` of a constructor, as a method that arenas serve sees it. */
export function servedSpeciesOf(maker: object): unknown {
  gate.serveSpecies = true;
  const species = (maker as { [Symbol.species]?: unknown })[Symbol.species];
  gate.serveSpecies = false;
  return species;
}

/** A method whose results arenas serve. */
export function serving(method: Method, name: string): Method {
  const call = uncurryThis(method);
  const replacement: Record<string, Method> = {
    [name](a, b) {
      if (gate.open === 0) return call(this, a, b);
      gate.serveSpecies = true;
      try {
        return call(this, a, b);
      } finally {
        gate.serveSpecies = false;
      }
    },
  };
  return disguise(replacement[name] as Method, method);
}

/** Replaces `filter`, whose results arenas serve; see also map-method.ts and slice.ts. */
export function patchFilter(patches: Patches): void {
  const { prototype } = TypedArrayBase;
  patches.replace(prototype, 'filter', { value: serving(prototype.filter as Method, 'filter') });
}
