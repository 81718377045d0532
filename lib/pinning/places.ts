import { invalidArgument } from '../errors.js';
import type { Place } from './types.js';

function requireId(name: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return;
  throw invalidArgument(name, 'an integer of 0 or more', value);
}

function domain(kind: Place['kind'], id: number, members?: readonly number[]): Place {
  requireId('id', id);
  if (members === undefined) return { kind, id };
  if (!Array.isArray(members) || members.length === 0) {
    throw invalidArgument('members', 'a list of integers of 0 or more', members);
  }
  for (const [i, member] of members.entries()) requireId(`members[${i}]`, member);
  return { kind, id, members: [...members] };
}

/**
 * The usable cpus of a socket, whole cores first, hardware threads last.
 *
 * @param id the socket's number, as `readTopology().sockets` has it
 * @param members which of them, counted from 0; all when left out
 * @throws {ArenaError} ERR_ARENA_INVALID_ARG when the arguments are no such numbers
 */
export function socket(id: number, members?: readonly number[]): Place {
  return domain('socket', id, members);
}

/**
 * The usable cpus of a NUMA node, whole cores first, hardware threads last.
 *
 * @param id the node's number, the OS's
 * @param members which of them, counted from 0; all when left out
 * @throws {ArenaError} ERR_ARENA_INVALID_ARG when the arguments are no such numbers
 */
export function numa(id: number, members?: readonly number[]): Place {
  return domain('numa', id, members);
}

/**
 * The usable cpus of a core.
 *
 * @param id the core's number, as `readTopology().cores` has it: over the whole machine
 * @param members which of them, counted from 0; all when left out
 * @throws {ArenaError} ERR_ARENA_INVALID_ARG when the arguments are no such numbers
 */
export function core(id: number, members?: readonly number[]): Place {
  return domain('core', id, members);
}

/** All usable cpus, round robin over the sockets, hardware threads last. */
export function sockets(): Place {
  return { kind: 'sockets' };
}

/** All usable cpus, round robin over the NUMA nodes that have cpus, hardware threads last. */
export function numas(): Place {
  return { kind: 'numas' };
}

const DOMAIN = /^(socket|numa|core)\( *(\d{1,7}) *(?:, *\[ *(\d{1,7}(?: *, *\d{1,7})*) *\] *)?\)$/;
const ALL = /^(sockets|numas)\( *\)$/;

/**
 * @returns the place that a call in `text` would make, such as `numa(1)` or `socket(0, [0, 2])`, for
 *   command lines and the environment; undefined when it is none
 */
export function placeFrom(text: string): Place | undefined {
  const [, kind, id, members] = DOMAIN.exec(text) ?? ALL.exec(text) ?? [];
  if (kind === undefined) return undefined;
  return {
    kind: kind as Place['kind'],
    ...(id === undefined ? {} : { id: Number(id) }),
    ...(members === undefined ? {} : { members: members.split(',').map(Number) }),
  };
}
