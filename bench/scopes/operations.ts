import { type ArenaOptions, arena, noArena } from 'arena-pirate';
import type { Operations } from '../support/operation.js';

const COLLECTED: ArenaOptions = { release: 'collected' };
const EXIT: ArenaOptions = { release: 'exit' };

const nothing = (): number => 0;
const one = (): number => new Float64Array(128).length;

class Matrix extends Float64Array {
  rows = 100;
}
const oneMatrix = (): Matrix => new Matrix(100_000);
const picture = (): Uint8Array => new Uint8Array(8 * 2 ** 20).fill(1);

/** Scopes with nothing in them. */
export const EMPTY_SCOPES: Operations = {
  'arena.sync, empty': () => arena.sync(nothing),
  "arena.sync, 'collected', empty": () => arena.sync(nothing, COLLECTED),
  "arena.sync, 'exit', empty": () => arena.sync(nothing, EXIT),
  'arena, empty': () => arena(nothing),
  "arena, 'exit', empty": () => arena(nothing, EXIT),
  "two nested arena.sync, 'collected'": () =>
    arena.sync(() => arena.sync(nothing, COLLECTED), COLLECTED),
  "two nested arena.sync, 'exit'": () => arena.sync(() => arena.sync(nothing, EXIT), EXIT),
  'noArena, empty': () => noArena(nothing),
};

/** Work in scopes of either kind, and in none. */
const WORK = {
  'one array of 1 KB': {
    'no scope': one,
    collected: () => arena.sync(one, COLLECTED),
    exit: () => arena.sync(one, EXIT),
  },
  "returns a subclass's array of 800 KB": {
    'no scope': () => oneMatrix().rows,
    exit: () => arena.sync(oneMatrix, EXIT).rows,
  },
  'returns an array of 8 MB': {
    'no scope': () => picture().length,
    exit: () => arena.sync(picture, EXIT).length,
  },
} satisfies Readonly<Record<string, Operations>>;

/** What is compared with plain Node: the variants of each work, and which operation each is. */
export const COMPARED = Object.entries(WORK).map(([work, variants]) => ({
  work,
  operations: Object.keys(variants).map((variant) => ({
    variant,
    operation: nameOf(work, variant),
  })),
}));

/** All that a process can measure. Arrays that are returned from a scope are copied. */
export const SCOPES: Operations = {
  ...EMPTY_SCOPES,
  ...Object.fromEntries(
    Object.entries<Operations>(WORK).flatMap(([work, variants]) =>
      Object.entries(variants).map(([variant, operation]) => [nameOf(work, variant), operation]),
    ),
  ),
};

function nameOf(work: string, variant: string): string {
  return `${work}, ${variant}`;
}
