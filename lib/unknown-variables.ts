import { native } from './native.js';
import { CONFIG_VARIABLES } from './options.js';
import { PIN_VARIABLES } from './pinning/pin-at-load.js';

const KNOWN: readonly string[] = [...CONFIG_VARIABLES, ...PIN_VARIABLES];

/**
 * Warns of environment variables that are named like those of arena-pirate and are none. Like an unknown
 * option one is a mistake, but not always of the program's: what starts it may serve other versions, too.
 */
export function warnOfUnknownVariables(): void {
  const unknown = Object.keys(process.env).filter(
    (name) => name.startsWith('ARENA_PIRATE_') && !KNOWN.includes(name) && process.env[name] !== '',
  );
  if (unknown.length === 0) return;
  // Workers have the environment of the main thread: once is enough.
  const [lowest] = native.threads();
  if (native.thread !== lowest) return;
  process.emitWarning(
    `Unknown environment variables have no effect: ${unknown.join(', ')}. Known ones are ${KNOWN.join(', ')}`,
    { code: 'ERR_ARENA_INVALID_OPTION' },
  );
}
