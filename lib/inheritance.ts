import { types } from 'node:util';

// A Proxy among an object's prototypes is told of `instanceof`, of `in` and of `for` loops, and what
// is behind it can be anything.

/** Whether `matches` holds for an object or one of its prototypes before the first Proxy. */
export function anyInChain(value: object, matches: (object: object) => boolean): boolean {
  let object: object | null = value;
  while (object !== null && !types.isProxy(object)) {
    if (matches(object)) return true;
    object = Object.getPrototypeOf(object);
  }
  return false;
}

/** Whether an object or one of its prototypes is a Proxy. */
export function hasProxyInChain(value: object): boolean {
  for (let object = value; object !== null; object = Object.getPrototypeOf(object)) {
    if (types.isProxy(object)) return true;
  }
  return false;
}
