import { types } from 'node:util';
import { hasProxyInChain } from './inheritance.js';
import {
  type Binary,
  isObject,
  isReplaced,
  isView,
  type Reading,
  readContainer,
  readList,
} from './message-reading.js';
import { haveSameShape, isShaped } from './shapes.js';

// Whether a message has arena memory in it has to be known before V8 serializes it, and most have
// none: this is what those cost.

// Each takes 5 ns of what is not like it.
const MOST_MODELS = 16;
// Those of other messages take 20 ns.
const MOST_RECENT = 8;

// Plain objects that were met in messages, without getters, one of each shape.
const recent: WeakRef<object>[] = [];
let oldest = 0;

function remember(model: object): void {
  recent[oldest] = new WeakRef(model);
  oldest = (oldest + 1) % MOST_RECENT;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a `for` loop goes through an object's own properties alone, none of them an index. */
function hasOnlyOwnNames(value: object): boolean {
  if (hasProxyInChain(value)) return false;
  const names = Object.keys(value);
  let count = 0;
  for (const _ in value) count++;
  const [first = ''] = names;
  // Indices come first. Those of another object like this might hide what the prototype has.
  return count === names.length && String(Number(first) >>> 0) !== first;
}

function readFields(record: object, children: object[]): void {
  const values = record as Record<string, unknown>;
  // V8 does not look for fields of which the loop itself tells.
  for (const key in values) {
    const child = values[key];
    if (isObject(child)) children.push(child);
  }
}

/** Reads what is like something that has been read before without asking what it is. */
class Reader {
  readonly #reading: Reading;
  // One of each shape, none of them with getters.
  readonly #models: object[] = [];
  readonly #isClosed: boolean[] = [];
  #asksRecent: boolean;

  constructor(reading: Reading) {
    this.#reading = reading;
    // Prototypes may have changed since; of others than this one nothing is remembered.
    this.#asksRecent = hasOnlyOwnNames(Object.prototype);
  }

  /**
   * Puts the objects in a container on `children`.
   * @returns false where only the serializer can know them
   */
  read(container: object, children: object[]): boolean {
    const contents = readContainer(container, this.#reading, children);
    if (contents === 'values' || contents === 'closed') this.#learn(container, contents);
    return contents !== 'getters';
  }

  /**
   * Puts the objects in what is like a container that has been read before on `children`.
   * @returns false where nothing is, and nothing was done
   */
  readLike(container: object, children: object[]): boolean {
    if (Array.isArray(container)) return readList(container, children);
    return this.#readLikeModel(container, children) || this.#readLikeRecent(container, children);
  }

  #readLikeModel(container: object, children: object[]): boolean {
    const models = this.#models;
    for (let i = 0; i < models.length; i++) {
      if (!haveSameShape(container, models[i] as object)) continue;
      if (!this.#isClosed[i]) readFields(container, children);
      return true;
    }
    return false;
  }

  #readLikeRecent(container: object, children: object[]): boolean {
    if (!this.#asksRecent || this.#models.length === MOST_MODELS) return false;
    for (const reference of recent) {
      const model = reference.deref();
      if (model === undefined || !haveSameShape(container, model)) continue;
      this.#models.push(model);
      this.#isClosed.push(false);
      readFields(container, children);
      return true;
    }
    return false;
  }

  #learn(model: object, contents: 'values' | 'closed'): void {
    if (this.#models.length === MOST_MODELS || !isShaped(model)) return;
    if (contents === 'values') {
      if (!hasOnlyOwnNames(model)) return;
      if (this.#asksRecent && isPlain(model)) remember(model);
    }
    this.#models.push(model);
    this.#isClosed.push(contents === 'closed');
  }
}

// What has been read is remembered, or cycles would have no end, but only once there is much of it
// and then each eighth alone: a cycle comes to one of those, and what is shared is read at most
// eight times as often as there are objects.
const READ_BEFORE = 64;
const REMEMBERED = 8;

/** Whether the serializer may meet anything that has to be replaced. */
export function mayNeedReplacement(message: object, reading: Reading): boolean {
  if (isView(message)) return isReplaced(message as Binary, reading);
  const reader = new Reader(reading);
  const pending = [message];
  let seen: Set<object> | undefined;
  let count = 0;
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (isView(value)) {
      if (isReplaced(value as Binary, reading)) return true;
      continue;
    }
    if (seen?.has(value)) continue;
    count++;
    if (count > READ_BEFORE && count % REMEMBERED === 0) {
      seen ??= new Set();
      seen.add(value);
    }
    if (reader.readLike(value, pending)) continue;
    if (types.isAnyArrayBuffer(value)) {
      if (isReplaced(value, reading)) return true;
    } else if (!reader.read(value, pending)) return true;
  }
  return false;
}
