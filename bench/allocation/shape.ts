import { KIB, MIB } from '../settings.js';
import type { AllocationSizes } from './sizes.js';

const MOST_ARRAYS = 100;
// What a core's own cache holds on most machines: past it the memory's speed is measured, not the
// package's. The larger scopes show that.
const MOST_BYTES = 1 * MIB;
// The second shows what becomes of the memory of the first.
const LEAST_SCOPES = 2;
const LARGER_SCOPES = [4 * MIB, 16 * MIB];
const SIZES_IN_LARGER_SCOPES = [64 * KIB, 1 * MIB];

/** How many arrays of one size are made, and how they are spread over scopes. */
export interface Shape {
  /** Of one array. */
  readonly bytes: number;
  readonly arraysPerScope: number;
  readonly scopesPerBatch: number;
  /** Whether a scope takes more than {@link SCOPES_IN_WORDS} say. */
  readonly larger: boolean;
}

/** What scopes of the benchmark hold, in words. */
export const SCOPES_IN_WORDS = `scopes of up to ${MOST_ARRAYS} arrays or ${MOST_BYTES / MIB} MB`;

/** Arrays of so many bytes in scopes that a cache holds, as far as it holds one array. */
export function shapeOf(bytes: number, sizes: AllocationSizes): Shape {
  return { ...spread(bytes, MOST_ARRAYS, MOST_BYTES, sizes), larger: false };
}

/** A few sizes in scopes that no cache near the core holds. */
export function shapesInLargerScopes(sizes: AllocationSizes): Shape[] {
  return SIZES_IN_LARGER_SCOPES.filter((bytes) => sizes.byLength.includes(bytes)).flatMap((bytes) =>
    LARGER_SCOPES.map((total) => ({ ...spread(bytes, total / bytes, total, sizes), larger: true })),
  );
}

function spread(
  bytes: number,
  mostArrays: number,
  mostBytes: number,
  { bytesPerBatch, arraysPerBatch }: AllocationSizes,
): Omit<Shape, 'larger'> {
  const arraysPerScope = atLeastOne(Math.min(mostArrays, mostBytes / bytes));
  const arrays = Math.min(bytesPerBatch / bytes, arraysPerBatch);
  const scopesPerBatch = Math.max(LEAST_SCOPES, Math.floor(arrays / arraysPerScope));
  return { bytes, arraysPerScope, scopesPerBatch };
}

/** Bytes that the arrays of one scope take together. */
export function scopeBytes({ bytes, arraysPerScope }: Shape): number {
  return bytes * arraysPerScope;
}

/** How many arrays a batch makes. */
export function arraysOf({ scopesPerBatch, arraysPerScope }: Shape): number {
  return scopesPerBatch * arraysPerScope;
}

function atLeastOne(count: number): number {
  return Math.max(1, Math.floor(count));
}
