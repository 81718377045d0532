import {
  arrayBufferByteLength,
  bufferOf,
  byteOffsetOf,
  dataViewBufferOf,
  dataViewLengthOf,
  dataViewOffsetOf,
  kindOf,
  lengthOf,
  lookupGetter,
  OriginalDataView,
  OriginalUint8Array,
  setElements,
  type TypedArray,
  typedArrays,
} from './intrinsics.js';
import {
  type Binary,
  forEachInMap,
  forEachInSet,
  hasErrorGetters,
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
import { native } from './native.js';
import {
  ArrayIsArray,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetOwnPropertyDescriptors,
  ObjectHasOwn,
  ObjectValues,
  ReflectDeleteProperty,
  ReflectGet,
  SafeMap,
  SafeSet,
  types,
  uncurryThis,
} from './primordials.js';
import { allocationOf, exactBufferOf, windowsOf } from './window.js';

// What V8's serializer is given in place of a message. It reads an array's whole ArrayBuffer: for an
// array on a window that is 2 MiB with other people's bytes. So it gets views of exact buffers
// instead, and with them new containers for all that lead to one. What it reads of a container, and
// in which order, is repeated here: whoever sends sees nothing else being read.

const addToMap = uncurryThis(Map.prototype.set);
const addToSet = uncurryThis(Set.prototype.add);

// Whatever is replaced has bytes, unless they have been taken away.
const isDetached = (buffer: ArrayBufferLike) => arrayBufferByteLength(buffer) === 0;

class Replacer {
  readonly #reading: Reading;
  readonly #copies = new SafeMap<object, object>();
  // Getters may change what is serialized after them, so that with any of them in a message each copy
  // is filled when the serializer comes to it, and each of its properties is looked up then.
  #hasGetters = false;
  readonly #unfilled = new SafeSet<object>();
  // What the serializer has been given as it is: when it meets that again, it is what it was.
  readonly #passed = new SafeSet<object>();
  // Copies whose properties are being looked up.
  readonly #open = new SafeSet<OpenCopy>();
  // Whether user code has run since the bytes of what is transferred were copied.
  #isStale = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** What the serializer is to be given at once in place of a value. */
  readonly replace = (root: unknown): unknown => {
    if (!isObject(root) || this.#passed.has(root)) return root;
    const [found, met] = this.#containersToCopy(root);
    for (const container of found) {
      this.#copies.set(container, emptyLike(container));
      this.#unfilled.add(container);
    }
    const replacement = this.#replacementOf(root);
    if (!this.#hasGetters) for (const container of found) this.#fill(container);
    else if (replacement !== root) this.#fill(root);
    // Then none of these has a getter, and all are serialized before the next one is called.
    else for (const container of met) this.#passed.add(container);
    return replacement;
  };

  // Those that lead to something that is replaced, and all that were looked at.
  #containersToCopy(root: object): [found: Set<object>, met: Iterable<object>] {
    const parents = new SafeMap<object, object[]>([[root, []]]);
    const found = new SafeSet<object>();
    const reached: object[] = [];
    // Grows while it is walked.
    const containers = isBinary(root) || this.#copies.has(root) ? [] : [root];
    for (const container of containers) {
      const children: object[] = [];
      if (readContainer(container, this.#reading, children) === 'getters') {
        this.#hasGetters = true;
        // What it holds may be replaced once its getters have been called.
        reached.push(container);
        if (!types.isNativeError(container)) {
          children.length = 0;
          readValues(container, children);
        }
      }
      for (const child of children) {
        if (this.#passed.has(child)) continue;
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
    return [found, containers];
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
      const own = dataViewBufferOf(value);
      const buffer = transfers.get(own) as ArrayBuffer;
      if (isDetached(own)) {
        return isDetached(buffer) ? value : new OriginalDataView(buffer);
      }
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
    const given = transfers.get(buffer) ?? buffer;
    if (isDetached(buffer)) return isDetached(given) ? value : new Original(given);
    return new Original(given, offset, lengthOf(array));
  }

  #fill(container: object): void {
    if (!this.#unfilled.delete(container)) return;
    const copy = this.#copies.get(container) as object;
    // The serializer takes all of these at once.
    const replace = this.#hasGetters ? this.replace : this.#replacementOf;
    if (types.isMap(container)) {
      forEachInMap(container, (value, key) =>
        addToMap(copy as never, replace(key), replace(value)),
      );
    } else if (types.isSet(container)) {
      forEachInSet(container, (value) => addToSet(copy as never, replace(value)));
    } else if (types.isNativeError(container)) {
      this.#fillError(container, copy as Error, replace);
    } else {
      this.#fillProperties(container, copy);
    }
  }

  #fillProperties(container: object, copy: object): void {
    const keys = keysOf(container) ?? indicesOf(container as unknown[]);
    const open: OpenCopy = { container, copy, keys, next: 0 };
    keys.forEach((key, index) => {
      const property = this.#hasGetters
        ? { get: () => this.#lookUp(open, index) }
        : { value: this.#replacementOf((container as never)[key]), writable: true };
      ObjectDefineProperty(copy, key, { ...property, enumerable: true, configurable: true });
    });
    if (ArrayIsArray(container)) (copy as unknown[]).length = container.length;
  }

  #lookUp(open: OpenCopy, index: number): unknown {
    const { container, keys } = open;
    const key = keys[index] as PropertyKey;
    open.next = index + 1;
    if (open.next < keys.length) this.#open.add(open);
    else this.#open.delete(open);
    const isGetter = lookupGetter(container, key) !== undefined;
    const value = ReflectGet(container, key);
    if (isGetter) this.#noteUserCode();
    this.#copyIfLast();
    return this.replace(value);
  }

  #noteUserCode(): void {
    this.#isStale = true;
    this.#open.forEach((each) => {
      if (skipGone(each)) this.#open.delete(each);
    });
  }

  // What is transferred leaves with the bytes that it has when all has been serialized. The serializer
  // comes back to what is open: it is enough to copy when it does so last.
  #copyIfLast(): void {
    if (!this.#isStale || this.#open.size > 0) return;
    this.#isStale = false;
    this.#reading.transfers.forEach(bringUpToDate);
  }

  #fillError(error: Error, copy: Error, replace: (value: unknown) => unknown): void {
    // The stack first, for V8 composes that of the copy when it is replaced. For the same reason not
    // all properties of the error are described.
    for (const key of ['stack', 'name'] as const) {
      ObjectDefineProperty(copy, key, { get: () => this.#ask(error, key) });
    }
    const message = ObjectGetOwnPropertyDescriptor(error, 'message');
    if (message !== undefined) ObjectDefineProperty(copy, 'message', message);
    const cause = ObjectGetOwnPropertyDescriptor(error, 'cause');
    if (cause !== undefined) {
      ObjectDefineProperty(copy, 'cause', { ...cause, value: replace(cause.value) });
    }
  }

  #ask(error: Error, key: 'name' | 'stack'): unknown {
    const value = error[key];
    if (hasErrorGetters(error)) this.#noteUserCode();
    this.#copyIfLast();
    return value;
  }
}

/** A copy of which the serializer looks up property after property. */
interface OpenCopy {
  readonly container: object;
  readonly copy: object;
  readonly keys: readonly PropertyKey[];
  /** Index of the key that comes next. */
  next: number;
}

/**
 * The serializer passes over what has gone when it gets there.
 * @returns whether all that was to come has gone
 */
function skipGone({ container, copy, keys, next }: OpenCopy): boolean {
  for (let i = next; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    if (ObjectHasOwn(container, key)) return false;
    ReflectDeleteProperty(copy, key);
  }
  return true;
}

/** Gives what is sent in place of an ArrayBuffer the bytes that this has now, or none. */
export function bringUpToDate(copy: ArrayBuffer, buffer: ArrayBufferLike): void {
  if (arrayBufferByteLength(copy) === 0) return;
  if (arrayBufferByteLength(buffer) === 0) native.detach(copy);
  else setElements(new OriginalUint8Array(copy), new OriginalUint8Array(buffer));
}

/** The objects among the properties that are no getters. */
function readValues(container: object, children: object[]): void {
  for (const { value } of ObjectValues(ObjectGetOwnPropertyDescriptors(container))) {
    if (isObject(value)) children.push(value);
  }
}

function indicesOf(array: readonly unknown[]): number[] {
  const indices: number[] = [];
  for (let i = 0; i < array.length; i++) if (ObjectHasOwn(array, i)) indices.push(i);
  return indices;
}

function emptyLike(container: object): object {
  if (ArrayIsArray(container)) return [];
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
