import { ObjectCreate } from '../primordials.js';

const lookFor = (heir: { nothing?: unknown }): unknown => heir.nothing;

/**
 * Gives an object fast properties again. Redefining a function's name turns its properties into a
 * dictionary, with which V8 does not inline `instanceof` (1 ns becomes 50); it turns those of
 * prototypes back when they are looked through.
 */
export function withFastProperties<T extends object>(object: T): T {
  const heir = ObjectCreate(object) as { nothing?: unknown };
  for (let look = 0; look < 100; look++) lookFor(heir);
  return object;
}
