import { KIB, MIB, type Settings } from '../settings.js';

const MOST_ARRAYS = 100;
// What a core's own cache holds on most machines: past it the memory's speed is measured, not the
// package's. The larger scopes show that.
const MOST_BYTES = 1 * MIB;
const LARGER_SCOPES = [4 * MIB, 16 * MIB];
const SIZES_IN_LARGER_SCOPES = [64 * KIB, 1 * MIB];

/** How many arrays of one size are made, and how they are spread over scopes. */
export interface Shape {
  /** Of one array. */
  readonly bytes: number;
  /** Of one array. */
  readonly length: number;
  readonly arraysPerScope: number;
  readonly scopesPerBatch: number;
  /** Whether a scope takes more than {@link SCOPES_IN_WORDS} say. */
  readonly larger: boolean;
}

/** What scopes of the benchmark hold, in words. */
export const SCOPES_IN_WORDS = `scopes of up to ${MOST_ARRAYS} arrays or ${MOST_BYTES / MIB} MB`;

/** What is measured with each workload: every size in scopes that a cache holds. */
export function shapesOf(settings: Settings): Shape[] {
  return settings.sizes.map((bytes) => ({
    ...shapeOf(bytes, MOST_ARRAYS, MOST_BYTES, settings),
    larger: false,
  }));
}

/** A few sizes in scopes that no cache near the core holds. */
export function shapesInLargerScopes(settings: Settings): Shape[] {
  return SIZES_IN_LARGER_SCOPES.filter((bytes) => settings.sizes.includes(bytes)).flatMap((bytes) =>
    LARGER_SCOPES.map((total) => ({
      ...shapeOf(bytes, total / bytes, total, settings),
      larger: true,
    })),
  );
}

function shapeOf(
  bytes: number,
  mostArrays: number,
  mostBytes: number,
  { bytesPerBatch, arraysPerBatch }: Settings,
): Omit<Shape, 'larger'> {
  const arraysPerScope = atLeastOne(Math.min(mostArrays, mostBytes / bytes));
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

/** How many arrays a batch makes. */
export function arraysOf({ scopesPerBatch, arraysPerScope }: Shape): number {
  return scopesPerBatch * arraysPerScope;
}

function atLeastOne(count: number): number {
  return Math.max(1, Math.floor(count));
}
