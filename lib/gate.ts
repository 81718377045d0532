import { config } from './config.js';
import { hasOwnMinBytes } from './options.js';
import type { Scope } from './scope.js';

/**
 * What the replaced constructors look at: one object, so that code outside all scopes pays for one
 * load and one comparison.
 */
export interface Gate {
  /** Scopes that have begun and not ended, in this thread. */
  open: number;
  /** The scope whose function is on the stack; null when the async context decides. */
  current: Scope | null;
  /** No scope captures an array of fewer bytes. */
  floor: number;
  /** Open scopes that have been given a `minBytes`, and one more where the thread has been. */
  given: number;
  /** Arrays of more bytes take the slow path; {@link NOTHING_SERVED} sends the next one there. */
  ceiling: number;
  /** Whether the next look at `Symbol.species` is that of a method that arenas serve. */
  serveSpecies: boolean;
  /** Whether `ArrayBuffer.prototype.slice` is at work. */
  slicing: boolean;
  /** Whether any ArrayBuffer over arena memory has been made: until then nothing can lie on one. */
  used: boolean;
}

/** What {@link Gate.ceiling} is when the next array is to be an ordinary one. */
export const NOTHING_SERVED = -1;

export const gate: Gate = {
  open: 0,
  current: null,
  floor: config.minBytes,
  given: Number(hasOwnMinBytes(config)),
  ceiling: config.slabBytes / 2,
  serveSpecies: false,
  slicing: false,
  used: false,
};
