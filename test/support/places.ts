import vm from 'node:vm';

type Getter<T> = (this: ArrayBufferView) => T;

// Another realm's built-ins are not replaced, and work on arrays of this one.
const realm = vm.runInNewContext(`
  const getterOf = (name) =>
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), name).get;
  ({ Uint8Array, buffer: getterOf('buffer'), byteOffset: getterOf('byteOffset') })`) as {
  Uint8Array: Uint8ArrayConstructor;
  buffer: Getter<ArrayBuffer>;
  byteOffset: Getter<number>;
};

/** Where a typed array really lies, behind the answers of the replaced getters. */
export function placeOf(array: ArrayBufferView): { buffer: ArrayBuffer; offset: number } {
  return {
    buffer: Reflect.apply(realm.buffer, array, []),
    offset: Reflect.apply(realm.byteOffset, array, []),
  };
}

/** The bytes of a typed array, looked at without making an exact buffer. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  const { buffer, offset } = placeOf(array);
  return new realm.Uint8Array(buffer, offset, array.byteLength);
}
