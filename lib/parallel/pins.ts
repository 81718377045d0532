import { ArenaError } from '../errors.js';
import { isPinned, setAffinity } from '../pinning/affinity.js';
import { thisMachine } from '../pinning/machine.js';
import { planPinning } from '../pinning/plan.js';
import type { CheckedOptions } from './options.js';
import type { PinMessage } from './protocol.js';

/**
 * Decides on cpus for the workers of a map.
 *
 * @param threads - how many there are
 * @returns undefined when they are to stay where they are
 * @throws {@link ArenaError} as `planPinning` does, and `ERR_ARENA_UNSUPPORTED` where `pin` was given and the
 *   system does not tell its cpus
 */
export function planPins({ pin, pool }: CheckedOptions, threads: number): PinMessage | undefined {
  if (pin === false || (pin === undefined && pool !== undefined)) return undefined;
  const required = pin !== undefined;
  return unlessUnsupported(required, () => {
    // Somebody has placed threads already, and the workers with them.
    if (!required && isPinned()) return undefined;
    const { placements } = planPinning(pin ?? 'numa', { topology: thisMachine(), threads });
    const taken = new Int32Array(new SharedArrayBuffer(4));
    return { cpus: placements.map(({ cpu }) => cpu), taken, required };
  });
}

let latestCall: number | undefined;

/** Takes a cpu for this worker when it gets its first chunk of a call. */
export function takeCpu(call: number, pin: PinMessage | undefined): void {
  if (pin === undefined || call === latestCall) return;
  latestCall = call;
  const { cpus, taken, required } = pin;
  const cpu = cpus[Atomics.add(taken, 0, 1) % cpus.length] as number;
  unlessUnsupported(required, () => setAffinity([cpu]));
}

function unlessUnsupported<T>(required: boolean, fn: () => T): T | undefined {
  try {
    return fn();
  } catch (error) {
    const unsupported = error instanceof ArenaError && error.code === 'ERR_ARENA_UNSUPPORTED';
    if (required || !unsupported) throw error;
    return undefined;
  }
}
