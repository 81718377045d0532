import { getSystemErrorName } from 'node:util';
import { ArenaError } from '../errors.js';
import type { Errno } from './native-threads.js';

/** @returns the error for a system that will not have its threads placed */
export function refusal(call: string, errno: Errno): ArenaError {
  return new ArenaError(
    'ERR_ARENA_UNSUPPORTED',
    `The system refused ${call} (${getSystemErrorName(-errno)}). Threads can be placed on Linux only, ` +
      'and in a container only where its seccomp profile allows sched_getaffinity and ' +
      'sched_setaffinity. Run without pinning there; nothing else of arena-pirate needs it',
  );
}

/** Throws unless the system did what `call` names. */
export function requireDone(call: string, errno: Errno): void {
  if (errno !== 0) throw refusal(call, errno);
}

/** @returns cpus that the system was asked for; throws when it did not tell */
export function requireCpus(answer: number[] | Errno): number[] {
  if (typeof answer === 'number') throw refusal('sched_getaffinity', answer);
  return answer;
}

/** @returns the number that the system was asked for; throws when it did not tell */
export function requireKnown(id: number): number {
  if (id >= 0) return id;
  throw new ArenaError(
    'ERR_ARENA_UNSUPPORTED',
    'The system does not tell on which cpu a thread runs; Linux does (getcpu)',
  );
}
