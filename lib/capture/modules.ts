import Module from 'node:module';
import { gate } from '../gate.js';
import { noCapture } from '../scope.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Compile = (this: Module, ...args: unknown[]) => unknown;

/**
 * Makes the evaluation of CommonJS modules capture nothing: what a module makes when it is loaded
 * belongs to the module, not to the scope that happened to require it first.
 */
export function patchModules(patches: Patches): void {
  const prototype = Module.prototype as unknown as { _compile: Compile };
  const original = prototype._compile;
  const replacement: { _compile: Compile } = {
    _compile(...args) {
      if (gate.open === 0) return Reflect.apply(original, this, args);
      return noCapture(() => Reflect.apply(original, this, args));
    },
  };
  patches.replace(prototype, '_compile', { value: disguise(replacement._compile, original) });
}
