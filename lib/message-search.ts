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
import { haveSameShape, isShaped, listShapeOf } from './shapes.js';

// Whether a message has arena memory in it has to be known before V8 serializes it, and most have
// none: this is what those cost.

// Each takes 5 ns of what is not like it.
const MOST_MODELS = 8;

/** Plain objects without getters that were met in messages, one of each shape. */
class RecentModels {
  // One reference for all, as asking it takes 25 ns. Nobody's messages are kept for long by it.
  static #current = new WeakRef(new RecentModels());
  readonly models: object[] = [];

  static get(): RecentModels {
    const current = RecentModels.#current.deref();
    if (current !== undefined) return current;
    const anew = new RecentModels();
    RecentModels.#current = new WeakRef(anew);
    return anew;
  }

  /** Takes the place of the one that was asked for least. */
  add(model: object): void {
    this.models[Math.min(this.models.length, MOST_MODELS - 1)] = model;
  }
}

/** Whether one of the models has a value's shape. It moves forward, to be found sooner the next time. */
function includesLike(models: object[], value: object): boolean {
  for (let i = 0; i < models.length; i++) {
    const model = models[i] as object;
    if (!haveSameShape(value, model)) continue;
    if (i > 0) {
      models[i] = models[i - 1] as object;
      models[i - 1] = model;
    }
    return true;
  }
  return false;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

// Prototypes may change from message to message; of others than this one nothing is remembered.
function isObjectPrototypeHidden(): boolean {
  for (const _ in Object.prototype) return false;
  return true;
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
  readonly #recent: RecentModels | undefined;
  #remembered = 0;
  // Those of this message. Plain ones are among the recent ones.
  readonly #open: object[] = [];
  readonly #closed: object[] = [];

  constructor(reading: Reading, recent: RecentModels | undefined) {
    this.#reading = reading;
    this.#recent = recent;
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
    const recent = this.#recent;
    if (
      includesLike(this.#open, container) ||
      (recent !== undefined && includesLike(recent.models, container))
    ) {
      readFields(container, children);
      return true;
    }
    return includesLike(this.#closed, container);
  }

  #learn(model: object, contents: 'values' | 'closed'): void {
    const models = contents === 'closed' ? this.#closed : this.#open;
    if (models.length === MOST_MODELS || !isShaped(model)) return;
    if (contents === 'values' && !hasOnlyOwnNames(model)) return;
    if (
      contents === 'closed' ||
      this.#recent === undefined ||
      this.#remembered === MOST_MODELS ||
      !isPlain(model)
    ) {
      models.push(model);
    } else {
      this.#remembered++;
      this.#recent.add(model);
    }
  }
}

/** Whether a message is like one that was met before, and has no object in it. */
function isFlat(message: object, recent: RecentModels | undefined): boolean {
  if (Array.isArray(message)) return listShapeOf(message) === 'numbers';
  if (recent === undefined || !includesLike(recent.models, message)) return false;
  const values = message as Record<string, unknown>;
  for (const key in values) if (isObject(values[key])) return false;
  return true;
}

// What has been read is remembered, or cycles would have no end, but only once there is much of it
// and then each eighth alone: a cycle comes to one of those, and what is shared is read at most
// eight times as often as there are objects.
const READ_BEFORE = 64;
const REMEMBERED = 8;

/** Whether the serializer may meet anything that has to be replaced. */
export function mayNeedReplacement(message: object, reading: Reading): boolean {
  if (isView(message)) return isReplaced(message as Binary, reading);
  const recent = isObjectPrototypeHidden() ? RecentModels.get() : undefined;
  if (isFlat(message, recent)) return false;
  const reader = new Reader(reading, recent);
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
