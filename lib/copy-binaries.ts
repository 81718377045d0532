import { type Binary, hasFields } from './binary.js';
import { type CopyBytes, copyBytes } from './copy-bytes.js';
import {
  arrayBufferByteLength,
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
} from './intrinsics.js';
import { fieldsOf, keysOf } from './own-keys.js';
import { ObjectGetPrototypeOf, ObjectSetPrototypeOf, SafeMap, types } from './primordials.js';
import { allocationOf, ownerOf, type Window } from './window.js';

/** Copies binary values so that what shared memory before shares it after. */
export class BinaryCopier {
  /** Which of the values it meets are to be copied. */
  readonly picks: (value: Binary) => boolean;
  readonly #allocations = new SafeMap<Window, Map<number, ArrayBuffer>>();
  readonly #wholes = new SafeMap<ArrayBufferLike, ArrayBuffer>();
  readonly #copies = new SafeMap<object, object>();
  readonly #fields = new SafeMap<Binary, readonly PropertyKey[]>();
  /** Copies that lack what is on the originals; a list, as graphs may be deep. */
  readonly bare: { readonly value: Binary; readonly copy: object }[] = [];

  /**
   * Whether instances of classes stay what they are, with copies in place of arrays that they have as properties: nothing
   * but their class can make another one with the same `#private` fields or internal slots.
   */
  readonly keepsInstances: boolean;

  readonly #copyBytes: CopyBytes;

  constructor(
    picks: (value: Binary) => boolean,
    keepsInstances = false,
    copyTo: CopyBytes = copyBytes,
  ) {
    this.picks = picks;
    this.keepsInstances = keepsInstances;
    this.#copyBytes = copyTo;
  }

  /** What a subclass or anyone else has put on an array, DataView or ArrayBuffer. Listing that can take long. */
  fieldsOn(value: Binary): readonly PropertyKey[] {
    let fields = this.#fields.get(value);
    if (fields === undefined) {
      fields = types.isTypedArray(value) ? fieldsOf(value) : keysOf(value);
      this.#fields.set(value, fields);
    }
    return fields;
  }

  /** Every ArrayBuffer that it has made. */
  get buffers(): ArrayBuffer[] {
    const allocations = [...this.#allocations.values()].flatMap((copies) => [...copies.values()]);
    return [...allocations, ...this.#wholes.values()];
  }

  copy(value: Binary): object {
    let copy = this.#copies.get(value);
    if (copy === undefined) {
      copy = types.isAnyArrayBuffer(value) ? this.#copyBuffer(value) : this.#copyView(value);
      this.#copies.set(value, copy);
      if (hasFields(value)) this.bare.push({ value, copy });
    }
    return copy;
  }

  #copyBuffer(buffer: ArrayBufferLike): ArrayBuffer {
    const owner = ownerOf(buffer);
    const length = arrayBufferByteLength(buffer);
    if (typeof owner === 'object' && 'window' in owner) {
      return this.#copyAllocation(owner.window, owner.start, length);
    }
    let copy = this.#wholes.get(buffer);
    if (copy === undefined) {
      copy = this.#copyBytes(buffer, 0, length);
      this.#wholes.set(buffer, copy);
    }
    return copy;
  }

  #copyAllocation(window: Window, start: number, length: number): ArrayBuffer {
    let copies = this.#allocations.get(window);
    if (copies === undefined) {
      copies = new SafeMap();
      this.#allocations.set(window, copies);
    }
    let copy = copies.get(start);
    if (copy === undefined) {
      copy = this.#copyBytes(window.buffer, start, length);
      copies.set(start, copy);
    }
    return copy;
  }

  #copyView(view: TypedArray | DataView): object {
    if (types.isDataView(view)) {
      const copy = new OriginalDataView(
        this.#copyBuffer(dataViewBufferOf(view)),
        dataViewOffsetOf(view),
        dataViewLengthOf(view),
      );
      return withPrototypeOf(view, copy);
    }
    const buffer = bufferOf(view);
    const owner = ownerOf(buffer);
    let copied: ArrayBuffer;
    let offset = byteOffsetOf(view);
    if (typeof owner === 'object' && 'windows' in owner) {
      const { window, start, length } = allocationOf(view, owner);
      copied = this.#copyAllocation(window, start, length);
      offset -= start;
    } else {
      copied = this.#copyBuffer(buffer);
    }
    const Original = typedArrays.get(kindOf(view) as string);
    if (Original === undefined) throw new TypeError('not a typed array');
    const copy = new Original(copied, offset, lengthOf(view));
    return withPrototypeOf(view, copy);
  }
}

/** Gives a copy the prototype of what it is a copy of. */
export function withPrototypeOf<T extends object>(model: object, copy: T): T {
  const prototype = ObjectGetPrototypeOf(model);
  return ObjectGetPrototypeOf(copy) === prototype ? copy : ObjectSetPrototypeOf(copy, prototype);
}
