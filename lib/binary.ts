import {
  arrayBufferByteLength,
  bufferOf,
  dataViewBufferOf,
  kindOf,
  type TypedArray,
} from './intrinsics.js';
import { ArrayBufferIsView, types } from './primordials.js';
import { isOrdinaryArray, isOrdinaryBuffer } from './shapes.js';
import { allocationOf, type Owner, ownerOf } from './window.js';

/** A typed array, DataView or ArrayBuffer. */
export type Binary = TypedArray | DataView | ArrayBufferLike;

export function isBinary(value: object): value is Binary {
  return ArrayBufferIsView(value) || types.isAnyArrayBuffer(value);
}

export function bufferUnder(value: Binary): ArrayBufferLike {
  if (types.isAnyArrayBuffer(value)) return value;
  return types.isDataView(value) ? dataViewBufferOf(value) : bufferOf(value);
}

// What has been detached has no memory any more, and is to stay as it is. Allocations have bytes, and windows are not detached.
function isDetached(buffer: ArrayBufferLike, owner: Owner): boolean {
  return (owner === 'whole' || 'window' in owner) && arrayBufferByteLength(buffer) === 0;
}

/**
 * @returns whether a typed array, Buffer, DataView or ArrayBuffer lies in arena memory; false for
 *   every other value
 */
export function isArenaArray(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !isBinary(value)) return false;
  const buffer = bufferUnder(value);
  const owner = ownerOf(buffer);
  return owner !== undefined && !isDetached(buffer, owner);
}

// The common case, and sooner told than what is on an array.
export function hasFields(value: Binary): boolean {
  const kind = kindOf(value);
  if (kind === undefined) return true;
  return !isOrdinaryArray(value as TypedArray, kind) && !isOrdinaryBuffer(value as TypedArray);
}

/** Of the ArrayBuffer that users see; 0 for one that cannot be copied as it is. */
export function bytesUnder(value: Binary): number {
  const buffer = bufferUnder(value);
  const owner = ownerOf(buffer);
  if (typeof owner === 'object' && 'windows' in owner) {
    return allocationOf(value as TypedArray, owner).length;
  }
  return types.isArrayBuffer(buffer) && !isResizable(buffer) ? arrayBufferByteLength(buffer) : 0;
}

function isResizable(buffer: ArrayBuffer): boolean {
  return (buffer as { resizable?: boolean }).resizable === true;
}
