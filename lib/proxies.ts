import { types } from 'node:util';

/**
 * Whether `matches` holds for an object or one of its prototypes. Unlike `instanceof` and `in` it
 * tells no Proxy, and does not look at what is behind one.
 */
export function anyInChain(value: object, matches: (object: object) => boolean): boolean {
  let object: object | null = value;
  while (object !== null && !types.isProxy(object)) {
    if (matches(object)) return true;
    object = Object.getPrototypeOf(object);
  }
  return false;
}

/** `Array.isArray`, which throws on a Proxy that has been revoked: that is none. */
export function isArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
