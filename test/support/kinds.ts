type AnyArray = (Uint8Array | BigInt64Array) & ArrayLike<number | bigint>;

/** A typed-array constructor of any kind. */
export type AnyConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  readonly prototype: object;
  new (list: number | ArrayLike<number | bigint>): AnyArray;
};

/** The names of the typed-array constructors that this version of Node has. */
export const typedArrayNames = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
].filter((name) => name in globalThis);

/** The constructors that the global names stand for when they are asked. */
export const typedArrays = globalThis as unknown as Record<string, AnyConstructor>;
