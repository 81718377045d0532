import { type CopyBytes, isForRun } from './copy-bytes.js';
import {
  arrayBufferByteLength,
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  FastBuffer,
  kindOf,
  lengthOf,
  type TypedArray,
  type TypedArrayConstructor,
  typedArrays,
} from './intrinsics.js';
import {
  ObjectGetOwnPropertyNames,
  ObjectGetOwnPropertySymbols,
  ObjectGetPrototypeOf,
  ObjectIsExtensible,
  ReflectApply,
  ReflectGetOwnPropertyDescriptor,
  types,
} from './primordials.js';
import { isArray } from './proxies.js';
import { isOrdinaryArray, isOrdinaryBuffer, listShapeOf } from './shapes.js';
import { type Allocation, allocationOf, type Owner, ownerOf } from './window.js';

// What scopes return is small as a rule: an array, a few of them in a list, an object of an array and
// some numbers. Looking for everything that may be there takes several times as long as making such.

/** What the general way is for. */
export const UNUSUAL = Symbol('unusual');
type Unusual = typeof UNUSUAL;

const MOST_MET = 16;
const MOST_PROPERTIES = 16;

// Lists that need no method of arrays, nor setters that users may have given their prototype.
interface MetPiece {
  readonly piece: Piece;
  readonly next: MetPiece | undefined;
}

interface NamedCopy {
  readonly name: string;
  readonly copy: object;
  readonly next: NamedCopy | undefined;
}

/** What has been looked at of a value so far: a cycle ends when it is too much. */
class Met {
  #count = 0;
  #pieces: MetPiece | undefined;

  isFull(): boolean {
    return this.#count === MOST_MET;
  }

  addContainer(): void {
    this.#count++;
  }

  addPiece(piece: Piece): void {
    this.#count++;
    this.#pieces = { piece, next: this.#pieces };
  }

  has({ buffer, start }: Piece): boolean {
    let other = this.#pieces;
    while (other && (other.piece.buffer !== buffer || other.piece.start !== start))
      other = other.next;
    return other !== undefined;
  }
}

const { of: arrayOf } = Array;

/**
 * {@link copyFromArena} for lists and plain objects of few things, without a look at what such
 * hardly ever have. Calls nothing of the user's.
 *
 * @param copyBytes - says where copies lie
 * @param met - so far
 * @returns the copy, `value` itself when there is no arena memory in it, or {@link UNUSUAL}
 */
export function copySmall(
  value: object,
  copyBytes: CopyBytes,
  met: Met = new Met(),
): object | Unusual {
  const kind = kindOf(value);
  if (kind !== undefined) return copyArray(value as TypedArray, kind, copyBytes, met);
  // A cycle ends here, and what is shared is met again with its arrays.
  if (met.isFull()) return UNUSUAL;
  if (isArray(value)) return copyList(value, copyBytes, met);
  if (types.isProxy(value)) return UNUSUAL;
  if (ObjectGetPrototypeOf(value) !== Object.prototype || isExotic(value)) return UNUSUAL;
  return copyRecord(value as Record<string, unknown>, copyBytes, met);
}

function isExotic(value: object): boolean {
  return types.isArgumentsObject(value) || types.isMap(value) || types.isSet(value);
}

/** Memory for which plain Node would have made an ArrayBuffer of its own. */
type Piece = Pick<Allocation, 'buffer' | 'start' | 'length'>;

// Of an array that is not detached, which the general way finds out.
function pieceUnder(array: TypedArray, buffer: ArrayBuffer, owner: Owner): Piece | undefined {
  if (owner !== 'whole' && 'windows' in owner) return allocationOf(array, owner);
  const length = arrayBufferByteLength(buffer);
  if (length === 0) return undefined;
  return owner === 'whole'
    ? { buffer, start: 0, length }
    : { buffer: owner.window.buffer, start: owner.start, length };
}

function copyArray(
  array: TypedArray,
  kind: string,
  copyBytes: CopyBytes,
  met: Met,
): TypedArray | Unusual {
  const buffer = bufferOf(array) as ArrayBuffer;
  const owner = ownerOf(buffer);
  // What is on it may lie in an arena.
  if (owner === undefined) {
    return isOrdinaryBuffer(array) || isOrdinaryArray(array, kind) ? array : UNUSUAL;
  }
  const piece = pieceUnder(array, buffer, owner);
  // Views of one piece are to be views of one copy.
  if (piece === undefined || met.isFull() || met.has(piece)) return UNUSUAL;
  met.addPiece(piece);
  const isBuffer = isOrdinaryBuffer(array);
  if (!isBuffer && !isOrdinaryArray(array, kind)) return UNUSUAL;
  const Original = (isBuffer ? FastBuffer : typedArrays.get(kind)) as TypedArrayConstructor;
  if (piece.length === byteLengthOf(array) && !isForRun(piece.length)) return new Original(array);
  const offset = byteOffsetOf(array) - (piece.buffer === buffer ? piece.start : 0);
  return new Original(copyBytes(piece.buffer, piece.start, piece.length), offset, lengthOf(array));
}

function copyRecord(
  record: Record<string, unknown>,
  copyBytes: CopyBytes,
  met: Met,
): object | Unusual {
  met.addContainer();
  const names = ObjectGetOwnPropertyNames(record);
  if (names.length > MOST_PROPERTIES || ObjectGetOwnPropertySymbols(record).length > 0) {
    return UNUSUAL;
  }
  let isPlain = true;
  let copies: NamedCopy | undefined;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const property = ReflectGetOwnPropertyDescriptor(record, name) as PropertyDescriptor;
    if (!isOrdinary(property)) isPlain = false;
    const { value } = property;
    if (typeof value !== 'object' || value === null) continue;
    const copy = copySmall(value, copyBytes, met);
    if (copy === UNUSUAL) return UNUSUAL;
    if (copy === value) continue;
    copies = { name, copy, next: copies };
  }
  if (copies === undefined) return record;
  if (!isPlain || !ObjectIsExtensible(record)) return UNUSUAL;
  const copied = { ...record };
  for (let each: NamedCopy | undefined = copies; each; each = each.next) {
    copied[each.name] = each.copy;
  }
  return copied;
}

function copyList(list: unknown[], copyBytes: CopyBytes, met: Met): object | Unusual {
  const shape = listShapeOf(list);
  if (shape === 'numbers') return list;
  if (shape !== 'values' || list.length > MOST_PROPERTIES) return UNUSUAL;
  met.addContainer();
  let copied: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    if (typeof value !== 'object' || value === null) continue;
    const copy = copySmall(value, copyBytes, met);
    if (copy === UNUSUAL) return UNUSUAL;
    if (copy === value) continue;
    // Neither asks an iterator nor a species, which users may have replaced.
    copied ??= ReflectApply(arrayOf, undefined, list) as unknown[];
    copied[i] = copy;
  }
  return copied ?? list;
}

/** As an assignment makes it. */
function isOrdinary({ writable, enumerable, configurable }: PropertyDescriptor): boolean {
  return writable === true && enumerable === true && configurable === true;
}
