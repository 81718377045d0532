import { types } from 'node:util';
import {
  arrayBufferByteLength,
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  FastBuffer,
  kindOf,
  type TypedArray,
  typedArrays,
} from './intrinsics.js';
import { isArray } from './proxies.js';
import { isOrdinaryArray, isOrdinaryBuffer, listShapeOf } from './shapes.js';
import { ownerOf } from './window.js';

// What scopes return is small as a rule: an array, a few of them in a list, an object of an array and
// some numbers. Looking for everything that may be there takes several times as long as making such.

/** What the general way is for. */
export const UNUSUAL = Symbol('unusual');
type Unusual = typeof UNUSUAL;

const MOST_MET = 16;
const MOST_PROPERTIES = 16;

type From = new (source: TypedArray) => TypedArray;

const { of: arrayOf } = Array;

/**
 * {@link copyFromArena} for lists and plain objects of few things, without a look at what such
 * hardly ever have. Calls nothing of the user's.
 *
 * @param met - containers and arrays in arenas so far
 * @returns the copy, `value` itself when there is no arena memory in it, or {@link UNUSUAL}
 */
export function copySmall(value: object, met: object[] = []): object | Unusual {
  const kind = kindOf(value);
  if (kind !== undefined) return copyArray(value as TypedArray, kind, met);
  // A cycle ends here, and what is shared is met again with its arrays.
  if (met.length === MOST_MET) return UNUSUAL;
  if (isArray(value)) return copyList(value, met);
  if (types.isProxy(value)) return UNUSUAL;
  if (Object.getPrototypeOf(value) !== Object.prototype || isExotic(value)) return UNUSUAL;
  return copyRecord(value as Record<string, unknown>, met);
}

function isExotic(value: object): boolean {
  return types.isArgumentsObject(value) || types.isMap(value) || types.isSet(value);
}

function copyArray(array: TypedArray, kind: string, met: object[]): TypedArray | Unusual {
  const buffer = bufferOf(array);
  const owner = ownerOf(buffer);
  if (owner === undefined) return array;
  const start = byteOffsetOf(array);
  const length = byteLengthOf(array);
  // Parts of an allocation are copied with all of it, and views of an exact buffer share that.
  if (owner === 'whole') {
    if (length !== arrayBufferByteLength(buffer)) return UNUSUAL;
  } else {
    if (!('windows' in owner)) return UNUSUAL;
    const window = owner.windows[start >>> owner.shift];
    const index = window?.find(start, start + length) ?? -1;
    if (index < 0 || window?.table[index] !== start || window.table[index + 1] !== length) {
      return UNUSUAL;
    }
  }
  for (const other of met) {
    if (kindOf(other) === undefined) continue;
    if (bufferOf(other) === buffer && byteOffsetOf(other) === start) return UNUSUAL;
  }
  if (met.length === MOST_MET) return UNUSUAL;
  met.push(array);
  if (isOrdinaryBuffer(array)) return new FastBuffer(array);
  const Original = typedArrays.get(kind) as unknown as From | undefined;
  return Original !== undefined && isOrdinaryArray(array, kind) ? new Original(array) : UNUSUAL;
}

function copyRecord(record: Record<string, unknown>, met: object[]): object | Unusual {
  met.push(record);
  const names = Object.getOwnPropertyNames(record);
  if (names.length > MOST_PROPERTIES || Object.getOwnPropertySymbols(record).length > 0) {
    return UNUSUAL;
  }
  let isPlain = true;
  let copies: unknown[] | undefined;
  for (const name of names) {
    const property = Reflect.getOwnPropertyDescriptor(record, name) as PropertyDescriptor;
    if (!isOrdinary(property)) isPlain = false;
    const { value } = property;
    if (typeof value !== 'object' || value === null) continue;
    const copy = copySmall(value, met);
    if (copy === UNUSUAL) return UNUSUAL;
    if (copy === value) continue;
    copies ??= [];
    copies.push(name, copy);
  }
  if (copies === undefined) return record;
  if (!isPlain || !Object.isExtensible(record)) return UNUSUAL;
  const copied = { ...record };
  for (let i = 0; i < copies.length; i += 2) copied[copies[i] as string] = copies[i + 1];
  return copied;
}

function copyList(list: unknown[], met: object[]): object | Unusual {
  const shape = listShapeOf(list);
  if (shape === 'numbers') return list;
  if (shape !== 'values' || list.length > MOST_PROPERTIES) return UNUSUAL;
  met.push(list);
  let copied: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    if (typeof value !== 'object' || value === null) continue;
    const copy = copySmall(value, met);
    if (copy === UNUSUAL) return UNUSUAL;
    if (copy === value) continue;
    // Neither asks an iterator nor a species, which users may have replaced.
    copied ??= Reflect.apply(arrayOf, undefined, list) as unknown[];
    copied[i] = copy;
  }
  return copied ?? list;
}

/** As an assignment makes it. */
function isOrdinary({ writable, enumerable, configurable }: PropertyDescriptor): boolean {
  return writable === true && enumerable === true && configurable === true;
}
