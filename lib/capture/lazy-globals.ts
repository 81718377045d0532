import { gate } from '../gate.js';
import { uncurryThis } from '../intrinsics.js';
import { noCapture } from '../scope.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Getter = (this: unknown) => unknown;

// Until it is first asked; from then on the property is Node's own again.
function patchGetter(patches: Patches, name: string, original: Getter): void {
  const holder = {
    get [name](): unknown {
      undo();
      return gate.open === 0
        ? Reflect.apply(original, this, [])
        : noCapture(() => Reflect.apply(original, this, []));
    },
  };
  const get = Object.getOwnPropertyDescriptor(holder, name)?.get as Getter;
  const undo = patches.replaceForNow(globalThis, name, { get: disguise(get, original) });
}

// It loads what the global `Response` stands for, but not by way of it.
function patchFetch(patches: Patches): void {
  const { fetch: original } = globalThis;
  if (original === undefined) return;
  let loaded = false;
  const replacement = {
    fetch(this: unknown, ...args: unknown[]): unknown {
      if (gate.open > 0 && !loaded) {
        noCapture(() => globalThis.Response);
        loaded = true;
      }
      return Reflect.apply(original, this, args);
    },
  }.fetch;
  patches.replace(globalThis, 'fetch', { value: disguise(replacement, original) });
}

const getterOf = uncurryThis(
  (Object.prototype as unknown as { __lookupGetter__(this: object, name: string): unknown })
    .__lookupGetter__ as (this: object, name: string) => Getter | undefined,
);

/**
 * Makes what Node loads when a global is first used capture nothing: it belongs to Node, not to the
 * scope that happened to use the global first. From Node 22 on this leaves out the globals of undici
 * and some of streams: they are no getters, and yet any look at their properties loads them.
 */
export function patchLazyGlobals(patches: Patches): void {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const getter = getterOf(globalThis, name);
    if (getter === undefined) continue;
    if (Object.getOwnPropertyDescriptor(globalThis, name)?.configurable) {
      patchGetter(patches, name, getter);
    }
  }
  patchFetch(patches);
}
