import { ArenaError } from '../errors.js';
import { native } from '../native.js';
import type { PinOptions } from './pin.js';

const VARIABLE = 'ARENA_PIRATE_PIN';

/** The environment variables that say how threads are pinned; the others mean nothing without the first. */
export const PIN_VARIABLES: readonly string[] = [
  VARIABLE,
  'ARENA_PIRATE_PIN_NODE',
  'ARENA_PIRATE_PIN_THREADS',
];

function optionsOf(env: NodeJS.ProcessEnv): PinOptions {
  const { ARENA_PIRATE_PIN_NODE: node, ARENA_PIRATE_PIN_THREADS: threads } = env;
  return {
    ...(node ? { node: /^\d+$/.test(node) ? Number(node) : (node as never) } : {}),
    ...(threads ? { threads: threads as 'all' } : {}),
  };
}

/**
 * Pins as the environment says: `ARENA_PIRATE_PIN=numa` (a name of a strategy, a likwid string, or a
 * place such as `numa(1)`), `ARENA_PIRATE_PIN_NODE=1`, `ARENA_PIRATE_PIN_THREADS=all`. Only the first
 * thread of the process does; later ones find the plan, and child processes do not inherit the
 * variables. A system that refuses is a warning: the program runs the same without.
 *
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_OPTION` for a value that makes no sense
 */
export function pinAtLoad(): void {
  const strategy = process.env[VARIABLE];
  if (!strategy || !native.claimStart(true)) return;
  const { pinAtStart }: typeof import('./pin.js') = require('./pin.js');
  try {
    pinAtStart(strategy, optionsOf(process.env));
    // For this process: children that pinned themselves as well would all begin at the same cpu.
    for (const variable of PIN_VARIABLES) delete process.env[variable];
  } catch (error) {
    const { code, message } = error as ArenaError;
    if (code === 'ERR_ARENA_UNSUPPORTED') {
      process.emitWarning(`${VARIABLE}=${strategy} has no effect. ${message}`, { code });
      return;
    }
    native.claimStart(false);
    const detail = message.replace(/ \[ERR_\w+: [^\]]*\]$/, '');
    throw new ArenaError('ERR_ARENA_INVALID_OPTION', `In ${VARIABLE}=${strategy}: ${detail}`, {
      cause: error,
    });
  }
}
