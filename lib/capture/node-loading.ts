import { framesHere } from '../call-stack.js';

// Grows when Node begins to load a module of its own.
const { moduleLoadList } = process as unknown as { moduleLoadList: readonly string[] };
let seen = moduleLoadList.length;

/** A module of Node's, whatever hooks of `require` give for it. */
export const getBuiltinModule: typeof process.getBuiltinModule = process.getBuiltinModule;

const LOADER = 'node:internal/bootstrap/realm';

/**
 * Whether Node is loading a module of its own now, as it does when a global such as `Response` or
 * `fetch` is first used: what it makes then belongs to it, not to the scope that happened to use the
 * global first. Costs a comparison unless a module has been loaded since the last call. Asked where
 * such modules are known to come by: Buffer's functions, and copies of lists.
 */
export function isNodeLoading(): boolean {
  if (moduleLoadList.length === seen) return false;
  if (framesHere(Number.POSITIVE_INFINITY).some((frame) => frame.includes(LOADER))) return true;
  seen = moduleLoadList.length;
  return false;
}

/** How many modules of its own Node has loaded. */
export function loadedModules(): number {
  return moduleLoadList.length;
}

/** Whether Node has loaded its module `name`. */
export function isLoaded(name: string): boolean {
  for (let i = 0; i < moduleLoadList.length; i++) {
    if (moduleLoadList[i] === `NativeModule ${name}`) return true;
  }
  return false;
}
