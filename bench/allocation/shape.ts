import { MIB, type Settings } from '../settings.js';

const MOST_ARRAYS = 100;
const MOST_BYTES = 4 * MIB;

/** How many arrays of one size are made, and how they are spread over scopes. */
export interface Shape {
  /** Of one array. */
  readonly bytes: number;
  /** Of one array. */
  readonly length: number;
  readonly arraysPerScope: number;
  readonly scopesPerBatch: number;
}

/** What scopes of the benchmark hold, in words. */
export const SCOPES_IN_WORDS = `scopes of up to ${MOST_ARRAYS} arrays or ${MOST_BYTES / MIB} MB`;

export function shapeOf(bytes: number, { bytesPerBatch, arraysPerBatch }: Settings): Shape {
  const arraysPerScope = atLeastOne(Math.min(MOST_ARRAYS, MOST_BYTES / bytes));
  const arrays = Math.min(bytesPerBatch / bytes, arraysPerBatch);
  return {
    bytes,
    length: bytes / Float64Array.BYTES_PER_ELEMENT,
    arraysPerScope,
    scopesPerBatch: atLeastOne(arrays / arraysPerScope),
  };
}

/** Bytes that the arrays of one scope take together. */
export function scopeBytes({ bytes, arraysPerScope }: Shape): number {
  return bytes * arraysPerScope;
}

function atLeastOne(count: number): number {
  return Math.max(1, Math.floor(count));
}
