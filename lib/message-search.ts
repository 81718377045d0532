import { includesLike, MOST_MODELS, recentModels } from './message-models.js';
import {
  type Binary,
  isObject,
  isReplaced,
  isView,
  type Reading,
  readContainer,
  readList,
} from './message-reading.js';
import { ObjectGetPrototypeOf, ObjectKeys, SafeSet, types } from './primordials.js';
import { isArray } from './proxies.js';
import { isShaped, listShapeOf } from './shapes.js';

// Whether a message has arena memory in it has to be known before V8 serializes it, and most have
// none: this is what those cost.

/** Whether a `for` loop goes through the own properties of plain objects alone. */
function isObjectPrototypeHidden(): boolean {
  for (const _ in Object.prototype) return false;
  return true;
}

/** @returns how many properties there are */
function readFields(record: object, children: object[]): number {
  const values = record as Record<string, unknown>;
  let count = 0;
  // V8 does not look for fields of which the loop itself tells.
  for (const key in values) {
    const child = values[key];
    if (isObject(child)) children.push(child);
    count++;
  }
  return count;
}

/** As {@link readFields}, whatever the prototypes have. */
function readOwnFields(instance: object, children: object[]): number {
  const values = instance as Record<string, unknown>;
  const keys = ObjectKeys(instance);
  for (const key of keys) {
    const child = values[key];
    if (isObject(child)) children.push(child);
  }
  return keys.length;
}

/** What {@link Reader} says of what it does not know. */
const UNKNOWN = -1;

/** Reads what is like something that has been read before without asking what it is. */
class Reader {
  readonly #reading: Reading;
  readonly #isHidden: boolean;
  #remembered = 0;
  // Objects of this message, none with getters: nothing of anyone's runs until it has been read.
  readonly #records: object[] = [];
  readonly #instances: object[] = [];
  readonly #closed: object[] = [];

  constructor(reading: Reading, isHidden: boolean) {
    this.#reading = reading;
    this.#isHidden = isHidden;
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
   * @returns how much has been read, {@link UNKNOWN} where it is like none and nothing was done
   */
  readLike(container: object, children: object[]): number {
    if (isArray(container)) {
      return readList(container, children) ? (container as unknown[]).length : UNKNOWN;
    }
    if (includesLike(this.#records, container)) return readFields(container, children);
    if (includesLike(this.#instances, container)) return readOwnFields(container, children);
    if (includesLike(this.#closed, container)) return 0;
    if (!this.#isHidden || !recentModels.includesLike(container)) return UNKNOWN;
    return readFields(container, children);
  }

  #learn(value: object, contents: 'values' | 'closed'): void {
    const prototype = ObjectGetPrototypeOf(value);
    if (prototype === null || !isShaped(value)) return;
    if (contents === 'closed') addTo(this.#closed, value);
    else if (prototype !== Object.prototype || !this.#isHidden) addTo(this.#instances, value);
    else if (this.#remembered < MOST_MODELS && recentModels.add(value)) this.#remembered++;
    else addTo(this.#records, value);
  }
}

function addTo(models: object[], model: object): void {
  if (models.length < MOST_MODELS) models.push(model);
}

/** Whether a message is like one that was met before, and has no object in it. */
function isFlat(message: object, isHidden: boolean): boolean {
  if (isArray(message)) return listShapeOf(message) === 'numbers';
  if (!isHidden || !recentModels.includesLike(message)) return false;
  const values = message as Record<string, unknown>;
  for (const key in values) if (isObject(values[key])) return false;
  return true;
}

// What has been read is remembered, or cycles would have no end: what is large always, the rest only
// once there is much of it, and then each eighth. Each cycle comes to one of those, and what is shared
// is read at most eight times as often as there are objects.
const LARGE = 16;
const READ_BEFORE = 64;
const REMEMBERED = 8;

/** Whether the serializer may meet anything that has to be replaced. */
export function mayNeedReplacement(message: object, reading: Reading): boolean {
  if (isView(message)) return isReplaced(message as Binary, reading);
  recentModels.begin();
  const isHidden = isObjectPrototypeHidden();
  if (isFlat(message, isHidden)) return false;
  const reader = new Reader(reading, isHidden);
  const pending = [message];
  let seen: Set<object> | undefined;
  let count = 0;
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (isView(value)) {
      if (isReplaced(value as Binary, reading)) return true;
      continue;
    }
    if (seen?.has(value)) continue;
    let size = reader.readLike(value, pending);
    if (size === UNKNOWN) {
      if (types.isAnyArrayBuffer(value)) {
        if (isReplaced(value, reading)) return true;
        continue;
      }
      if (!reader.read(value, pending)) return true;
      // To read it once more would take longer than to remember it.
      size = LARGE;
    }
    count++;
    if (size >= LARGE || (count > READ_BEFORE && count % REMEMBERED === 0)) {
      seen ??= new SafeSet();
      seen.add(value);
    }
  }
  return false;
}
