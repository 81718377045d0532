import { ArenaError } from '../errors.js';
import {
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectDeleteProperty,
} from '../primordials.js';

interface Patch {
  readonly target: object;
  readonly key: PropertyKey;
  /** None for what inherited it. */
  readonly original: PropertyDescriptor | undefined;
  readonly replacement: PropertyDescriptor;
  readonly mayStay: boolean;
}

interface Change {
  value?: unknown;
  get?: () => unknown;
  /**
   * Whether others may have replaced it since when all is put back, as they often do: it stays below theirs then, and does
   * what the original does.
   */
  mayStay?: boolean;
}

function put(target: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
  // V8 treats a global that has been assigned to as variable; one that was
  // deleted and defined anew is folded into optimised code as before.
  if (target === globalThis) delete (target as Record<PropertyKey, unknown>)[key];
  ObjectDefineProperty(target, key, descriptor);
}

function isInPlace({ target, key, replacement }: Patch): boolean {
  const found = ObjectGetOwnPropertyDescriptor(target, key);
  return found?.value === replacement.value && found?.get === replacement.get;
}

/** Properties that have been replaced, and can be put back. */
export class Patches {
  readonly #patches: Patch[] = [];
  readonly #prototypes: { target: object; original: object | null }[] = [];

  /** Replaces what `target[key]` is; enumerability and the like stay. */
  replace(target: object, key: PropertyKey, { mayStay = false, ...change }: Change): void {
    const original = ObjectGetOwnPropertyDescriptor(target, key);
    if (original === undefined) throw new TypeError(`no property ${String(key)}`);
    const replacement = { ...original, ...change };
    put(target, key, replacement);
    this.#patches.push({ target, key, original, replacement, mayStay });
  }

  /** Gives `target` a method in place of the one that it inherits. */
  add(target: object, key: PropertyKey, value: unknown): void {
    const replacement = { value, writable: true, enumerable: false, configurable: true };
    put(target, key, replacement);
    this.#patches.push({ target, key, original: undefined, replacement, mayStay: false });
  }

  /** Makes `target` inherit from `prototype`. */
  replacePrototype(target: object, prototype: object): void {
    this.#prototypes.push({ target, original: ObjectGetPrototypeOf(target) });
    ObjectSetPrototypeOf(target, prototype);
  }

  /** Whether nothing is replaced. */
  get isEmpty(): boolean {
    return this.#patches.length === 0;
  }

  /**
   * Throws where {@link restore} would undo what others have done.
   * @throws {@link ArenaError} `ERR_ARENA_CANNOT_UNINSTALL` when somebody else has replaced one of the
   *   properties since
   */
  requireInPlace(): void {
    const lost = this.#patches.filter((patch) => !patch.mayStay && !isInPlace(patch));
    if (lost.length === 0) return;
    throw new ArenaError(
      'ERR_ARENA_CANNOT_UNINSTALL',
      `Replaced by other code since arena-pirate was installed: ${lost
        .map(({ key }) => String(key))
        .join(', ')}. Undo that first`,
    );
  }

  /** Puts every original back. */
  restore(): void {
    for (const patch of this.#patches.splice(0).reverse()) {
      const { target, key, original } = patch;
      if (patch.mayStay && !isInPlace(patch)) continue;
      if (original === undefined) ReflectDeleteProperty(target, key);
      else put(target, key, original);
    }
    for (const { target, original } of this.#prototypes.splice(0)) {
      ObjectSetPrototypeOf(target, original);
    }
  }
}
