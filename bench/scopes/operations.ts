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

/** Scopes with nothing in them, one array, or one that is copied as it is returned. */
export const SCOPES: Operations = {
  'arena.sync, empty': () => arena.sync(nothing),
  "arena.sync, 'collected', empty": () => arena.sync(nothing, COLLECTED),
  "arena.sync, 'exit', empty": () => arena.sync(nothing, EXIT),
  'arena, empty': () => arena(nothing),
  "arena, 'exit', empty": () => arena(nothing, EXIT),
  "two nested arena.sync, 'collected'": () =>
    arena.sync(() => arena.sync(nothing, COLLECTED), COLLECTED),
  "two nested arena.sync, 'exit'": () => arena.sync(() => arena.sync(nothing, EXIT), EXIT),
  'noArena, empty': () => noArena(nothing),
  "arena.sync, 'collected', one array of 1 KB": () => arena.sync(one, COLLECTED),
  "arena.sync, 'exit', one array of 1 KB": () => arena.sync(one, EXIT),
  'no scope, one array of 1 KB from plain Node': one,
  "arena.sync, 'exit', returns a subclass's array of 800 KB": () =>
    arena.sync(oneMatrix, EXIT).rows,
  "no scope, a subclass's array of 800 KB from plain Node": () => oneMatrix().rows,
  "arena.sync, 'exit', returns an array of 8 MB": () => arena.sync(picture, EXIT).length,
  'no scope, an array of 8 MB from plain Node': () => picture().length,
};
