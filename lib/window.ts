import { collectPartsIfDue, countDeadParts } from './collections.js';
import { ArenaError } from './errors.js';
import { gate } from './gate.js';
import {
  arrayBufferByteLength,
  byteLengthOf,
  byteOffsetOf,
  fillElements,
  OriginalUint8Array,
  OriginalUint32Array,
  setElements,
  type TypedArray,
} from './intrinsics.js';
import { native } from './native.js';
import { MathCeil, MathMax, MathMin, SafeMap, SafeWeakSet } from './primordials.js';
import { countAsked } from './sparing.js';

/** Allocations start at multiples of this: a cache line, and enough for every element type. */
export const ALIGNMENT = 64;

// Zeroing and table room are prepared ahead in steps that double up to so many bytes: far enough that the call is paid
// rarely and memory that is not in the cache comes in long stretches, near enough that what is zeroed is still in the
// cache when used. Arrays of 1 to 16 KB are 10 to 25 % faster in 'collected' scopes with 64 KiB than with 16; with 128
// some are slower in 'exit' scopes. Below that it makes no difference, and what V8 has collected is noticed once a step.
const LARGEST_STEP = 64 * 1024;
const LARGEST_STEP_OF_SMALL = 16 * 1024;
const SMALL = 1024;
// Of what a window holds at most; its table must not take much more than what lies in it.
const LARGEST_SHARE = 1 / 8;

// Of so many bits can be taken.
const MOST_BITS = 2 ** 30;

/** @returns `bytes` rounded up to where the next allocation may start */
export function aligned(bytes: number): number {
  if (bytes < MOST_BITS) return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  return MathCeil(bytes / ALIGNMENT) * ALIGNMENT;
}

/**
 * A stretch of a slab's ArrayBuffer in which allocations are bumped. All positions are byte
 * offsets in `buffer`.
 */
export class Window {
  /** Where the next allocation starts. */
  top: number;
  /** Up to here the memory from `top` on reads as zero; not beyond `reach`, and below `top` where nothing is zeroed. */
  ready: number;
  /** Up to here the table has room, however small the allocations are. */
  reach: number;
  /** From here on nothing has been written since the kernel gave the memory. */
  dirty: number;
  /** How many numbers of the table are in use. */
  count = 0;
  /** Start and byte length of each allocation, ascending. */
  table: Uint32Array;
  /** The one after it in the list that it is in. */
  next: Window | undefined;
  /** The exact buffers that were asked for, by the start of their allocation. */
  exacts: Map<number, ArrayBuffer> | undefined;
  #step = 0;
  readonly #largestStep: number;
  // Not `table.length`: users may redefine what that answers.
  #tableLength: number;
  readonly #bytes: Uint8Array;

  constructor(
    readonly buffer: ArrayBuffer,
    /** The run of slabs that `buffer` shows, as the native pool counts them. */
    readonly run: number,
    readonly base: number,
    readonly limit: number,
    dirty: number,
    tableLength: number,
    /** Whether allocations may go on to its limit without asking the source, as in `'exit'` scopes. */
    readonly isSettled = false,
    /** Where in the run `buffer` begins. */
    readonly origin = 0,
  ) {
    this.top = base;
    this.ready = base;
    this.reach = base;
    this.dirty = dirty;
    this.#largestStep = MathMax(
      MathMin(LARGEST_STEP, LARGEST_SHARE * (limit - base)),
      LARGEST_STEP_OF_SMALL,
    );
    this.table = new OriginalUint32Array(tableLength);
    this.#tableLength = tableLength;
    this.#bytes = new OriginalUint8Array(buffer);
  }

  /** Hands out `bytes` if nothing has to be prepared for them. @returns where they start, or -1 */
  takePrepared(bytes: number, zeroed: boolean): number {
    const start = this.top;
    const end = start + aligned(bytes);
    if (end > (zeroed ? this.ready : this.reach)) return -1;
    this.top = end;
    if (end > this.ready) this.ready = end;
    const { count, table } = this;
    this.count = count + 2;
    table[count] = start;
    table[count + 1] = bytes;
    return start;
  }

  /** Hands out `bytes`, which must fit. @returns where they start */
  take(bytes: number, zeroed: boolean): number {
    const end = this.top + aligned(bytes);
    if (end > (zeroed ? this.ready : this.reach)) this.#prepare(end, zeroed);
    return this.takePrepared(bytes, zeroed);
  }

  /** Whether another allocation of `bytes` fits. */
  fits(bytes: number): boolean {
    return this.top + aligned(bytes) <= this.limit;
  }

  /** Makes `ready` reach `end`. @returns false when the source has to be asked, for another window maybe */
  makeReady(end: number, zeroed: boolean): boolean {
    if (!this.isSettled || end > this.limit) return false;
    this.#prepare(end, zeroed);
    return true;
  }

  #prepare(end: number, zeroed: boolean): void {
    const bytes = end - this.top;
    const largest = bytes < SMALL ? LARGEST_STEP_OF_SMALL : this.#largestStep;
    this.#step = MathMin(MathMax(2 * this.#step, bytes), largest);
    // Without zeroing the fast path goes on past `ready`.
    const from = zeroed ? MathMax(this.ready, this.top) : this.top;
    const reach = MathMin(MathMax(end, from + this.#step), this.limit);
    const dirtyEnd = MathMin(reach, this.dirty);
    if (zeroed && dirtyEnd > from) fillElements(this.#bytes, 0, from, dirtyEnd);
    const room = this.count + 2 + 2 * ((reach - end) / ALIGNMENT);
    if (room > this.#tableLength) {
      const length = MathMax(room, 2 * this.#tableLength);
      const table = new OriginalUint32Array(length);
      setElements(table, this.table);
      this.table = table;
      // Last, as there may be no memory or stack for all that.
      this.#tableLength = length;
    }
    if (zeroed) this.ready = reach;
    this.reach = reach;
  }

  /** Forgets everything from `top` on, which `count` table entries precede. */
  rewind(top: number, count: number): void {
    if (this.top > this.dirty) this.dirty = this.top;
    // Past `top` only what was made ready and not handed out is known to be zero, and that is
    // beyond `dirty` or gone.
    this.top = top;
    this.ready = top;
    this.reach = top;
    this.count = count;
    this.#step = 0;
    if (this.exacts !== undefined) this.#forgetExacts(top);
  }

  #forgetExacts(top: number): void {
    let dead = 0;
    this.exacts?.forEach((exact, start) => {
      if (start < top) return;
      dead += arrayBufferByteLength(exact);
      this.exacts?.delete(start);
    });
    countDeadParts(dead);
    if (this.exacts?.size === 0) this.exacts = undefined;
  }

  /** The table index of the allocation that covers `[start, end)`, or -1. */
  find(start: number, end: number): number {
    const { table } = this;
    let low = 0;
    let high = this.count >> 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((table[2 * middle] as number) <= start) low = middle + 1;
      else high = middle;
    }
    const index = 2 * (low - 1);
    if (index < 0 || end > (table[index] as number) + (table[index + 1] as number)) return -1;
    return index;
  }
}

/** The windows of one ArrayBuffer: one, or equal chunks of `2 ** shift` bytes. */
export interface Windows {
  readonly windows: Window[];
  readonly shift: number;
}

/** What an ArrayBuffer over arena memory is to us. */
export type Owner =
  /** Many allocations lie in it; nobody outside may see it. */
  | Windows
  /** It covers the allocation that starts there, and keeps the window's buffer alive. */
  | { readonly window: Window; readonly start: number }
  /** It covers a run of slabs of its own. */
  | 'whole';

// A base class that returns its argument, so that the derived class's private
// field is put on that object: an invisible property that costs a map check,
// keeps its value alive as long as the object, and nothing more.
const Return = function (target: object) {
  return target;
} as unknown as new (
  target: object,
) => object;

class Stamped extends Return {
  #owner: Owner;
  constructor(buffer: ArrayBuffer, owner: Owner) {
    super(buffer);
    this.#owner = owner;
  }
  static ownerOf(buffer: object): Owner | undefined {
    return #owner in buffer ? buffer.#owner : undefined;
  }
}

/** Says what an ArrayBuffer is; once per buffer. */
export function stamp(buffer: ArrayBuffer, owner: Owner): void {
  gate.used = true;
  new Stamped(buffer, owner);
}

/** What an ArrayBuffer is to us, undefined when it is none of ours. */
export const ownerOf: (buffer: object) => Owner | undefined = Stamped.ownerOf;

// Of checked scopes, whose allocations have ArrayBuffers of their own.
const detachedAtEnd = new SafeWeakSet<object>();

/** {@link stamp} for one that is detached when its scope ends. */
export function stampChecked(buffer: ArrayBuffer): void {
  stamp(buffer, 'whole');
  detachedAtEnd.add(buffer);
}

/** Whether the end of a scope takes its memory away, whoever still refers to it. */
export function isReleasedAtEnd(buffer: object): boolean {
  const owner = Stamped.ownerOf(buffer);
  if (owner === undefined) return false;
  if (owner === 'whole') return detachedAtEnd.has(buffer);
  return ('windows' in owner ? (owner.windows[0] as Window) : owner.window).isSettled;
}

/** The windows of the buffer that a typed array lies on, undefined for all other arrays. */
export function windowsOf(buffer: object): Windows | undefined {
  const owner = Stamped.ownerOf(buffer);
  return typeof owner === 'object' && 'windows' in owner ? owner : undefined;
}

/** Memory that was handed out in one piece. All numbers are byte offsets and lengths in `buffer`. */
export interface Allocation {
  readonly buffer: ArrayBuffer;
  readonly window: Window;
  readonly start: number;
  readonly length: number;
}

/** The allocation that an array on a window lies in. */
export function allocationOf(array: TypedArray, { windows, shift }: Windows): Allocation {
  const start = byteOffsetOf(array);
  const window = windows[start >>> shift] as Window;
  const length = byteLengthOf(array);
  const index = window.find(start, start + length);
  // An array that outlived its 'exit' scope: its allocation is forgotten, and
  // what it shows now is what its user was warned of.
  if (index < 0) return { buffer: window.buffer, window, start, length };
  return {
    buffer: window.buffer,
    window,
    start: window.table[index] as number,
    length: window.table[index + 1] as number,
  };
}

/** Where the allocation starts, for the `.byteOffset` of an array on a window. */
export function startOf(start: number, length: number, { windows, shift }: Windows): number {
  const window = windows[start >>> shift] as Window;
  const index = window.find(start, start + length);
  return index < 0 ? start : (window.table[index] as number);
}

// The ArrayBuffer that exactly covers an allocation, always the same one.
function exactBuffer({ window, start, length }: Allocation): ArrayBuffer {
  const known = window.exacts?.get(start);
  if (known !== undefined && arrayBufferByteLength(known) === length) return known;
  collectPartsIfDue();
  const exact = native.exact(window.run, window.origin + start, length);
  if (exact === undefined) {
    throw new ArenaError(
      'ERR_ARENA_UNSUPPORTED',
      'Node refuses another external ArrayBuffer, without which an array in an arena has no `.buffer`; ' +
        'it may be ending this thread. Copy what is needed by the slice() of the array',
    );
  }
  stamp(exact, { window, start });
  countAsked(length);
  window.exacts ??= new SafeMap();
  window.exacts.set(start, exact);
  return exact;
}

/**
 * The ArrayBuffer that an array on a window would have in plain Node: exactly its allocation, and
 * the same one for every view of it.
 */
export function exactBufferOf(array: TypedArray, windows: Windows): ArrayBuffer {
  return exactBuffer(allocationOf(array, windows));
}

/** The ArrayBuffer of an allocation of `length` bytes that has just been made at `offset`. */
export function exactBufferAt(buffer: ArrayBuffer, offset: number, length: number): ArrayBuffer {
  const found = windowsOf(buffer);
  if (found === undefined) return buffer;
  const window = found.windows[offset >>> found.shift] as Window;
  return exactBuffer({ buffer, window, start: offset, length });
}
