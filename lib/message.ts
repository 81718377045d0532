import { types } from 'node:util';
import {
  bufferOf,
  byteOffsetOf,
  dataViewBufferOf,
  dataViewLengthOf,
  dataViewOffsetOf,
  kindOf,
  lengthOf,
  OriginalDataView,
  type TypedArray,
  typedArrays,
  uncurryThis,
} from './intrinsics.js';
import {
  type Binary,
  forEachInMap,
  forEachInSet,
  isBinary,
  isObject,
  isReplaced,
  isView,
  keysOf,
  ORDINARY,
  type Reading,
  readContainer,
} from './message-reading.js';
import { mayNeedReplacement } from './message-search.js';
import { allocationOf, exactBufferOf, windowsOf } from './window.js';

// What V8's serializer is given in place of a message. It reads an array's whole ArrayBuffer: for an
// array on a window that is 2 MiB with other people's bytes. So it gets views of exact buffers
// instead, and with them new containers for all that lead to one. What it reads of a container, and
// in which order, is repeated here: whoever sends sees nothing else being read.

const addToMap = uncurryThis(Map.prototype.set);
const addToSet = uncurryThis(Set.prototype.add);

class Replacer {
  readonly #reading: Reading;
  readonly #copies = new Map<object, object>();
  // Getters may change what comes after them: then everything is looked up when the serializer does.
  #hasGetters = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  readonly replace = (root: unknown): unknown => {
    if (!isObject(root)) return root;
    const pending = [...this.#containersToCopy(root)];
    for (const container of pending) this.#copies.set(container, emptyLike(container));
    for (const container of pending) this.#fill(container);
    return this.#replacementOf(root);
  };

  // Those that lead to something that is replaced.
  #containersToCopy(root: object): Set<object> {
    const parents = new Map<object, object[]>([[root, []]]);
    const found = new Set<object>();
    const reached: object[] = [];
    // Grows while it is walked.
    const containers = isBinary(root) || this.#copies.has(root) ? [] : [root];
    for (const container of containers) {
      const children: object[] = [];
      if (readContainer(container, this.#reading, children) === 'getters') {
        this.#hasGetters = true;
        // What it holds may be replaced once its getters have been called.
        reached.push(container);
        children.length = 0;
        readValues(container, children);
      }
      for (const child of children) {
        if (isBinary(child) ? isReplaced(child, this.#reading) : this.#copies.has(child)) {
          reached.push(container);
        } else if (!isBinary(child)) {
          const known = parents.get(child);
          if (known !== undefined) known.push(container);
          else {
            parents.set(child, [container]);
            containers.push(child);
          }
        }
      }
    }
    while (reached.length > 0) {
      const container = reached.pop() as object;
      if (found.has(container)) continue;
      found.add(container);
      for (const parent of parents.get(container) ?? []) reached.push(parent);
    }
    return found;
  }

  readonly #replacementOf = (value: unknown): unknown => {
    if (!isObject(value)) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (!isBinary(value) || !isReplaced(value, this.#reading)) return value;
    const replacement = this.#replaceBinary(value);
    this.#copies.set(value, replacement);
    return replacement;
  };

  #replaceBinary(value: Binary): object {
    const { transfers } = this.#reading;
    if (!isView(value)) return transfers.get(value as ArrayBufferLike) as ArrayBuffer;
    if (types.isDataView(value)) {
      const buffer = transfers.get(dataViewBufferOf(value)) as ArrayBuffer;
      return new OriginalDataView(buffer, dataViewOffsetOf(value), dataViewLengthOf(value));
    }
    const array = value as TypedArray;
    const Original = typedArrays.get(kindOf(array) as string);
    if (Original === undefined) throw new TypeError('not a typed array');
    let buffer = bufferOf(array);
    let offset = byteOffsetOf(array);
    const windows = windowsOf(buffer);
    if (windows !== undefined) {
      offset -= allocationOf(array, windows).start;
      buffer = exactBufferOf(array, windows);
    }
    return new Original(transfers.get(buffer) ?? buffer, offset, lengthOf(array));
  }

  #fill(container: object): void {
    const copy = this.#copies.get(container) as object;
    if (types.isMap(container)) {
      forEachInMap(container, (value, key) => {
        addToMap(copy as never, this.#replacementOf(key), this.#replacementOf(value));
      });
    } else if (types.isSet(container)) {
      forEachInSet(container, (value) => addToSet(copy as never, this.#replacementOf(value)));
    } else if (types.isNativeError(container)) {
      this.#fillError(container, copy as Error);
    } else {
      this.#fillProperties(container, copy);
    }
  }

  #fillProperties(container: object, copy: object): void {
    const keys = keysOf(container) ?? indicesOf(container as unknown[]);
    keys.forEach((key, index) => {
      const property = this.#hasGetters
        ? { get: () => this.#lookUp(container, copy, keys, index) }
        : { value: this.#replacementOf((container as never)[key]), writable: true };
      Object.defineProperty(copy, key, { ...property, enumerable: true, configurable: true });
    });
    if (Array.isArray(container)) (copy as unknown[]).length = container.length;
  }

  #lookUp(container: object, copy: object, keys: readonly PropertyKey[], index: number): unknown {
    const value = Reflect.get(container, keys[index] as PropertyKey);
    // The serializer passes over what has gone when it gets there.
    for (let next = index + 1; next < keys.length; next++) {
      const key = keys[next] as PropertyKey;
      if (Object.hasOwn(container, key)) break;
      Reflect.deleteProperty(copy, key);
    }
    return this.replace(value);
  }

  #fillError(error: Error, copy: Error): void {
    const { message, cause } = Object.getOwnPropertyDescriptors(error) as PropertyDescriptorMap;
    Object.defineProperty(copy, 'name', { get: () => error.name });
    if (message !== undefined) Object.defineProperty(copy, 'message', message);
    if (cause !== undefined) {
      Object.defineProperty(copy, 'cause', { ...cause, value: this.#replacementOf(cause.value) });
    }
    copy.stack = error.stack;
  }
}

/** The objects among the properties that are no getters. */
function readValues(container: object, children: object[]): void {
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(container))) {
    if (isObject(value)) children.push(value);
  }
}

function indicesOf(array: readonly unknown[]): number[] {
  const indices: number[] = [];
  for (let i = 0; i < array.length; i++) if (Object.hasOwn(array, i)) indices.push(i);
  return indices;
}

function emptyLike(container: object): object {
  if (Array.isArray(container)) return [];
  if (types.isMap(container)) return new Map();
  if (types.isSet(container)) return new Set();
  return types.isNativeError(container) ? new Error() : {};
}

/**
 * What is to be serialized in place of `message`: the same for the receiver, with each array that
 * shares its ArrayBuffer with others moved to one of its own.
 *
 * Not looked into: getters and named properties of arrays of more than 10,000 elements.
 *
 * @returns `message` itself when nothing has to be replaced; nothing in it is ever changed
 * @throws what a getter in `message` throws, once the serializer has come to it
 */
export function serializable<T>(message: T, reading: Reading = ORDINARY): T {
  if (!isObject(message) || !mayNeedReplacement(message, reading)) return message;
  return new Replacer(reading).replace(message) as T;
}
