import threads from 'node:worker_threads';
import { OriginalArrayBuffer } from '../intrinsics.js';
import { isObject, uncloneable } from '../message-reading.js';
import {
  ObjectEntries,
  ObjectGetOwnPropertyDescriptor,
  ReflectApply,
  SafeWeakSet,
  types,
} from '../primordials.js';
import { ownerOf } from '../window.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

const { markAsUntransferable } = threads;

// Node does not tell of this mark: what is sent in a marked object's place would have none.
function markingUncloneable(mark: Method): Method {
  return function (this: unknown, ...args) {
    const result = ReflectApply(mark, this, args);
    const [value] = args;
    if (isObject(value) || typeof value === 'function') uncloneable.add(value);
    return result;
  };
}

/** Whether a value is an ArrayBuffer in an arena. */
export function isOurs(value: unknown): value is ArrayBuffer {
  return types.isArrayBuffer(value) && ownerOf(value) !== undefined;
}

// Node 24 marks an ArrayBuffer in a way that makes it abort at its end when the memory is an addon's.
const untransferable = new SafeWeakSet<object>();
let hasMarked = false;

function markingUntransferable(mark: Method): Method {
  return function (this: unknown, ...args) {
    if (!isOurs(args[0])) return ReflectApply(mark, this, args);
    untransferable.add(args[0]);
    hasMarked = true;
    return undefined;
  };
}

function tellingOfMarks(isMarked: Method): Method {
  return function (this: unknown, ...args) {
    const [value] = args;
    // Node-API marks those of addons.
    return isOurs(value) ? untransferable.has(value) : ReflectApply(isMarked, this, args);
  };
}

/** Whether `markAsUntransferable` has marked an ArrayBuffer in an arena. */
export function isUntransferable(value: unknown): boolean {
  return isObject(value) && untransferable.has(value);
}

/**
 * Whether {@link isUntransferable} may be true of any. Those of checked scopes are marked here, too, for them to be
 * detached when the scope ends, and lie in no arena.
 */
export function isAnyUntransferable(): boolean {
  return hasMarked;
}

/** One that Node refuses to transfer, or overlooks (Node 20), as it would the marked one. */
export function untransferableBuffer(length = 1): ArrayBuffer {
  const buffer = new OriginalArrayBuffer(length);
  markAsUntransferable(buffer);
  return buffer;
}

/** Has what `node:worker_threads` marks bind what is sent in place of arena memory. */
export function patchMarks(patches: Patches): void {
  const replacements: Record<string, (original: Method) => Method> = {
    markAsUntransferable: markingUntransferable,
    isMarkedAsUntransferable: tellingOfMarks,
    markAsUncloneable: markingUncloneable,
  };
  for (const [name, replacementFor] of ObjectEntries(replacements)) {
    const original = ObjectGetOwnPropertyDescriptor(threads, name)?.value;
    // Node 20 has but the first.
    if (original === undefined) continue;
    patches.replace(threads, name, { value: disguise(replacementFor(original), original) });
  }
}
