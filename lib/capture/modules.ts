import Module from 'node:module';
import { noCapture, outOfContext } from '../current-scope.js';
import { gate } from '../gate.js';
import { ObjectHasOwn, ReflectApply } from '../primordials.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';
import { patchLoaded } from './writes.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

function patchWithoutCapture(patches: Patches, holder: object, name: string): void {
  // Jest has a `Module` of its own, which inherits what nothing calls.
  if (!ObjectHasOwn(holder, name)) return;
  const original = (holder as Record<string, Method>)[name] as Method;
  const replacement: Record<string, Method> = {
    [name](...args) {
      if (gate.open === 0) return ReflectApply(original, this, args);
      const loaded = noCapture(() => outOfContext(() => ReflectApply(original, this, args)));
      // Whoever has loaded it goes on in the scope.
      patchLoaded();
      return loaded;
    },
  };
  patches.replace(holder, name, { value: disguise(replacement[name] as Method, original) });
}

/**
 * Makes the evaluation of CommonJS modules and of Node's own capture nothing: what a module makes
 * when it is loaded, and what it has begun then and does later, belongs to the module, not to the scope that
 * happened to require it first.
 */
export function patchModules(patches: Patches): void {
  // What `require` calls.
  patchWithoutCapture(patches, Module, '_load');
  // What `import` of a CommonJS module comes to.
  patchWithoutCapture(patches, Module.prototype, '_compile');
}
