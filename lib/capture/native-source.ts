import {
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  SafeWeakMap,
  uncurryThis,
} from '../primordials.js';
import type { Patches } from './patches.js';

const sources = new SafeWeakMap<object, string>();

/** Gives a replacement the name, length, source text and prototype of the built-in it stands for. */
export function disguise<T extends object>(standIn: T, builtIn: object): T {
  // Another where that is of another realm.
  const prototype = ObjectGetPrototypeOf(builtIn);
  if (ObjectGetPrototypeOf(standIn) !== prototype) ObjectSetPrototypeOf(standIn, prototype);
  for (const key of ['length', 'name'] as const) {
    const property = ObjectGetOwnPropertyDescriptor(builtIn, key);
    if (property !== undefined) ObjectDefineProperty(standIn, key, property);
  }
  sources.set(standIn, sourceOf(builtIn));
  return standIn;
}

const original = Function.prototype.toString;
export const sourceOf = uncurryThis(original as (this: object) => string);

// Libraries look at `String(Uint8Array)`: fflate takes the name of the
// constructor from it, others want to see [native code].
function showingSources(original: (this: object) => string): (this: object) => string {
  const own = uncurryThis(original);
  const replacement = {
    toString(this: object): string {
      return sources.get(this) ?? own(this);
    },
  }.toString;
  return disguise(replacement, original);
}

/**
 * Makes `Function.prototype.toString` show the replaced built-ins as built-ins.
 *
 * @param prototype - the `Function.prototype` of the realm to do that in
 */
export function patchFunctionToString(
  patches: Patches,
  prototype: object = Function.prototype,
): void {
  const original = ObjectGetOwnPropertyDescriptor(prototype, 'toString')?.value;
  patches.replace(prototype, 'toString', { value: showingSources(original) });
}
