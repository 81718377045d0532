import { ArenaError } from './errors.js';

let installed = false;

/** Records whether the constructors are replaced. */
export function setInstalled(value: boolean): void {
  installed = value;
}

/** Whether the constructors are replaced. */
export function isInstalled(): boolean {
  return installed;
}

/** Throws unless the constructors are replaced: a scope would capture nothing, and not say so. */
export function requireInstalled(): void {
  if (installed) return;
  throw new ArenaError(
    'ERR_ARENA_NOT_INSTALLED',
    'arena-pirate has been uninstalled in this thread. Call install() before opening a scope',
  );
}
