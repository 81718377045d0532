import { native } from './native.js';
import { CONFIG_VARIABLES } from './options.js';
import { PIN_VARIABLES } from './pinning/pin-at-load.js';

const KNOWN: readonly string[] = [...CONFIG_VARIABLES, ...PIN_VARIABLES];
const [STRATEGY, ...OF_STRATEGY] = PIN_VARIABLES as [string, ...string[]];

function warn(message: string): void {
  process.emitWarning(message, { code: 'ERR_ARENA_INVALID_OPTION' });
}

/**
 * Warns of environment variables that are named like those of arena-pirate and are none, or say how something is done
 * that is not. Like an unknown option one is a mistake, but not always of the program's: what starts it may serve other
 * versions, too.
 */
export function warnOfVariablesWithoutEffect(): void {
  const given = Object.keys(process.env).filter(
    (name) => name.startsWith('ARENA_PIRATE_') && process.env[name] !== '',
  );
  const unknown = given.filter((name) => !KNOWN.includes(name));
  const idle = given.includes(STRATEGY) ? [] : given.filter((name) => OF_STRATEGY.includes(name));
  if (unknown.length === 0 && idle.length === 0) return;
  // Workers have the environment of the main thread, and so have further copies of the package: once is enough.
  const [lowest] = native.threads();
  if (native.thread !== lowest || !native.isFirstOfThread) return;
  if (unknown.length > 0) {
    warn(
      `Unknown environment variables have no effect: ${unknown.join(', ')}. Known ones are ${KNOWN.join(', ')}`,
    );
  }
  if (idle.length > 0) {
    warn(`Environment variables have no effect without ${STRATEGY}: ${idle.join(', ')}`);
  }
}
