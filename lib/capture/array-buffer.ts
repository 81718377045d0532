import { scopeFor } from '../current-scope.js';
import { gate } from '../gate.js';
import { OriginalArrayBuffer } from '../intrinsics.js';
import type { Release } from '../options.js';
import {
  MathMax,
  NumberIsInteger,
  ObjectDefineProperty,
  ReflectConstruct,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  uncurryThis,
} from '../primordials.js';
import { place } from '../source.js';
import { exactBufferAt } from '../window.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';
import { addReplacement, isOrdinaryBySpecies, patchBufferSpecies } from './species.js';

// Larger ones than V8 can make are left to V8 to refuse.
const MOST_BYTES = 2 ** 32;

// Each needs an external ArrayBuffer of its own, which costs microseconds. From which size on that is less than what V8
// takes: V8 13 (Node 24) takes longer for each, and 'collected' scopes have to zero memory that is not in the cache.
const KIB = 1024;
const TAKES_LONG = Number(process.versions.v8.split('.')[0]) >= 13;
const LEAST_BYTES: Readonly<Record<Release, number>> = TAKES_LONG
  ? { collected: 32 * KIB, exit: 32 * KIB }
  : { collected: 128 * KIB, exit: 64 * KIB };
const LEAST_OF_ALL = LEAST_BYTES.exit;

function isLarge(length: unknown): length is number {
  return (
    typeof length === 'number' &&
    length >= LEAST_OF_ALL &&
    length <= MOST_BYTES &&
    NumberIsInteger(length)
  );
}

function construct(newTarget: unknown, length: unknown, options: unknown): ArrayBuffer {
  const ordinary = gate.open === 0 || isOrdinaryBySpecies();
  if (newTarget !== Replacement || options !== undefined) {
    const target = newTarget === Replacement ? OriginalArrayBuffer : newTarget;
    return ReflectConstruct(OriginalArrayBuffer, [length, options], target as typeof ArrayBuffer);
  }
  if (!ordinary && !gate.slicing && isLarge(length)) {
    const scope = scopeFor(length);
    const least = MathMax(LEAST_BYTES[scope.release], scope.minBytes);
    if (length >= least && scope.source.allocate(length, scope.zeroFill)) {
      return exactBufferAt(place.buffer, place.offset, length);
    }
  }
  return new OriginalArrayBuffer(length as number);
}

// An ordinary function, unlike those for typed arrays: in its messages V8 names an ArrayBuffer by the
// name that its constructor was compiled with.
const { ArrayBuffer: Replacement } = {
  ArrayBuffer: function (length?: unknown, options?: unknown) {
    if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    return construct(new.target, length, options);
  } as unknown as ArrayBufferConstructor,
};

const { slice } = OriginalArrayBuffer.prototype;
const callSlice = uncurryThis(slice as (this: unknown, begin: unknown, end: unknown) => unknown);

const sliceReplacement = {
  slice(this: unknown, begin: unknown, end: unknown): unknown {
    if (gate.open === 0) return callSlice(this, begin, end);
    // A user's species may have it make its result by our constructor unseen by species.ts; and Blobs of Node take the
    // memory of what it gives, without the object that keeps it.
    const before = gate.slicing;
    gate.slicing = true;
    try {
      return callSlice(this, begin, end);
    } finally {
      gate.slicing = before;
    }
  },
}.slice;

function patchSlice(patches: Patches): void {
  disguise(sliceReplacement, slice);
  patches.replace(OriginalArrayBuffer.prototype, 'slice', { value: sliceReplacement });
}

/**
 * Whether a function of JavaScript can stand in for the constructor. Before such a function is called
 * with a `new.target`, that is asked for its `prototype`; the built-in one of V8 14 refuses lengths first.
 */
function isReplaceable(): boolean {
  let isAsked = false;
  // What is bound has no `prototype` of its own.
  const newTarget = ObjectDefineProperty(OriginalArrayBuffer.bind(undefined), 'prototype', {
    get() {
      isAsked = true;
    },
  });
  try {
    ReflectConstruct(OriginalArrayBuffer, [1, { maxByteLength: 0 }], newTarget);
  } catch {
    // Refused: what counts is when.
  }
  return isAsked;
}

/** Replaces the ArrayBuffer constructor, where it can be. */
export function patchArrayBuffer(patches: Patches): void {
  if (!isReplaceable()) return;
  for (const key of ReflectOwnKeys(OriginalArrayBuffer)) {
    const property = ReflectGetOwnPropertyDescriptor(OriginalArrayBuffer, key);
    ObjectDefineProperty(Replacement, key, property as PropertyDescriptor);
  }
  disguise(Replacement, OriginalArrayBuffer);
  addReplacement(Replacement);
  patchBufferSpecies(patches, Replacement);
  patchSlice(patches);
  patches.replace(globalThis, 'ArrayBuffer', { value: Replacement });
  patches.replace(OriginalArrayBuffer.prototype, 'constructor', { value: Replacement });
}
