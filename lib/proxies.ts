import { ArrayIsArray, ObjectGetPrototypeOf, types } from './primordials.js';

/**
 * Whether `matches` holds for an object or one of its prototypes. Unlike `instanceof` and `in` it
 * tells no Proxy, and does not look at what is behind one.
 */
export function anyInChain(value: object, matches: (object: object) => boolean): boolean {
  let object: object | null = value;
  while (object !== null && !types.isProxy(object)) {
    if (matches(object)) return true;
    object = ObjectGetPrototypeOf(object);
  }
  return false;
}

/** `Array.isArray`, which throws on a Proxy that has been revoked: that is none. */
export function isArray(value: unknown): value is unknown[] {
  try {
    return ArrayIsArray(value);
  } catch {
    return false;
  }
}
