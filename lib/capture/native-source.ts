import { uncurryThis } from '../intrinsics.js';
import type { Patches } from './patches.js';

const sources = new WeakMap<object, string>();

/** Gives a replacement the name, length and source text of the built-in it stands for. */
export function disguise<T extends object>(standIn: T, builtIn: object): T {
  for (const key of ['length', 'name'] as const) {
    const property = Object.getOwnPropertyDescriptor(builtIn, key);
    if (property !== undefined) Object.defineProperty(standIn, key, property);
  }
  sources.set(standIn, sourceOf(builtIn));
  return standIn;
}

const original = Function.prototype.toString;
export const sourceOf = uncurryThis(original as (this: object) => string);

// Libraries look at `String(Uint8Array)`: fflate takes the name of the
// constructor from it, others want to see [native code].
const replacement = {
  toString(this: object): string {
    return sources.get(this) ?? sourceOf(this);
  },
}.toString;

/** Makes `Function.prototype.toString` show the replaced built-ins as built-ins. */
export function patchFunctionToString(patches: Patches): void {
  disguise(replacement, original);
  patches.replace(Function.prototype, 'toString', { value: replacement });
}
