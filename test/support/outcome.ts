// What a program answered, as text: two answers are the same exactly if their texts are. Nothing
// here depends on what arena-pirate replaces later; this file must be loaded before it.
import { createHash } from 'node:crypto';
import { types } from 'node:util';

/** Every typed array there is, of any realm. */
export type AnyTypedArray = (Uint8Array | Float64Array | BigInt64Array) & {
  readonly constructor: unknown;
};

/** The globals of a realm, by name. */
export type Realm = Readonly<Record<string, unknown>>;

const thisRealm = globalThis as unknown as Realm;

/** The names of the typed-array constructors that this version of Node has. */
export const typedArrayNames: readonly string[] = Object.getOwnPropertyNames(globalThis)
  .filter((name) => /^(Big)?(Ui|I)nt\d+(Clamped)?Array$|^Float\d+Array$/.test(name))
  .sort();

/** Whether elements of the typed arrays of that name are BigInts. */
export function holdsBigInts(name: string): boolean {
  return name.startsWith('Big');
}

const OriginalUint8Array = Uint8Array;
const { compare } = Buffer;
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;

function originalGetter(name: string): (self: object) => unknown {
  const get = Object.getOwnPropertyDescriptor(TypedArrayPrototype, name)?.get as () => unknown;
  return (self) => Reflect.apply(get, self, []);
}

const rawBuffer = originalGetter('buffer') as (array: object) => ArrayBuffer;
const rawByteOffset = originalGetter('byteOffset') as (array: object) => number;
const rawByteLength = originalGetter('byteLength') as (array: object) => number;

const NAMED_PROTOTYPES = [...typedArrayNames, 'ArrayBuffer', 'DataView', 'Array', 'Object'];
const LISTED_ELEMENTS = 150;
// Longer ones are not read: they may be gigabytes that nobody has touched.
const HASHED_BYTES = 2 ** 28;

function showNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return `${value}n`;
  return Object.is(value, -0) ? '-0' : String(value);
}

function nameOfPrototype(value: object, realm: Realm): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return 'null';
  if (prototype === Buffer.prototype) return 'Buffer';
  const isOf = (maker: unknown) => (maker as { prototype?: object })?.prototype === prototype;
  const known = NAMED_PROTOTYPES.find((name) => isOf(realm[name]) || isOf(thisRealm[name]));
  return known ?? `a prototype of ${(prototype as object).constructor?.name}`;
}

function nameOfConstructor(value: object, realm: Realm): string {
  const maker: unknown = value.constructor;
  if (typeof maker !== 'function') return show(maker, realm);
  if (maker === Buffer) return 'Buffer';
  const isKnown = realm[maker.name] === maker || thisRealm[maker.name] === maker;
  return isKnown ? maker.name : `another ${maker.name}`;
}

function showBytes(bytes: Uint8Array): string {
  if (bytes.length > HASHED_BYTES) return 'unread';
  if (bytes.length <= LISTED_ELEMENTS) return `<${bytes.join(' ')}>`;
  return `#${createHash('sha1').update(bytes).digest('base64url')}`;
}

function showElements(array: AnyTypedArray): string {
  if (array.length > LISTED_ELEMENTS) {
    const bytes = [rawBuffer(array), rawByteOffset(array), rawByteLength(array)] as const;
    return showBytes(new OriginalUint8Array(...bytes));
  }
  const elements: string[] = [];
  for (let i = 0; i < array.length; i++) elements.push(showNumber(array[i] as number | bigint));
  return `[${elements}]`;
}

/** Whether Node may have made it in the pool of small Buffers, where chance decides on the offset. */
export function mayBePooled(value: unknown): boolean {
  return value instanceof Buffer && rawByteLength(value) < Buffer.poolSize >>> 1;
}

// The array as its `.buffer` shows it, which must be the same bytes.
function showPlace(array: AnyTypedArray): string {
  if (mayBePooled(array)) return '';
  const { buffer, byteOffset, byteLength } = array;
  const kind = types.isSharedArrayBuffer(buffer) ? 'shared ' : '';
  const identity = array.buffer === buffer ? '' : ' that is never the same';
  let content = '';
  if (byteLength > 0 && byteLength <= HASHED_BYTES) {
    const own = new OriginalUint8Array(rawBuffer(array), rawByteOffset(array), byteLength);
    const shown = new OriginalUint8Array(buffer, byteOffset, byteLength);
    content = compare(own, shown) === 0 ? '' : ' with other bytes';
  }
  return ` at ${byteOffset} of ${kind}${buffer.byteLength}${identity}${content}`;
}

function showKeys(value: object, length: number): string {
  if (length > LISTED_ELEMENTS) return '';
  const keys = Reflect.ownKeys(value).slice(length);
  return keys.length > 0 ? ` keys ${keys.map(String)}` : '';
}

function showTypedArray(array: AnyTypedArray, realm: Realm): string {
  const prototype = nameOfPrototype(array, realm);
  const maker = nameOfConstructor(array, realm);
  const names = new Set([types.isProxy(array) ? 'proxy' : prototype, maker, tagOf(array)]);
  const { length, byteLength } = array;
  return (
    `${[...names].join('/')}(${length}, ${byteLength} bytes${showPlace(array)})` +
    showElements(array) +
    showKeys(array, length) +
    (Object.isExtensible(array) ? '' : ' not extensible')
  );
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function showArrayBuffer(buffer: ArrayBuffer | SharedArrayBuffer, realm: Realm): string {
  const names = new Set([
    nameOfPrototype(buffer, realm),
    nameOfConstructor(buffer, realm),
    tagOf(buffer),
  ]);
  const { maxByteLength, resizable } = buffer as ArrayBuffer & {
    maxByteLength?: number;
    resizable?: boolean;
  };
  return (
    `${[...names].join('/')}(${buffer.byteLength}` +
    `${resizable ? ` up to ${maxByteLength}` : ''})` +
    showBytes(new OriginalUint8Array(buffer)) +
    showKeys(buffer, 0)
  );
}

function showObject(value: object, realm: Realm, depth: number): string {
  if (depth > 5) return '…';
  const inner = (item: unknown) => show(item, realm, depth + 1);
  if (Array.isArray(value)) {
    const items = Array.from(value, (item, i) => (i in value ? inner(item) : 'hole'));
    return `${nameOfPrototype(value, realm)}[${items.join(', ')}]`;
  }
  const entries = Reflect.ownKeys(value).map(
    (key) => `${String(key)}: ${inner((value as Record<PropertyKey, unknown>)[key])}`,
  );
  return `${nameOfPrototype(value, realm)}{${entries.join(', ')}}`;
}

function showFunction(value: { readonly name: string }, realm: Realm): string {
  if (value === Buffer) return 'Buffer';
  return realm[value.name] === value ? value.name : `function ${value.name}`;
}

/**
 * Everything that can be seen of a value, as text. What belongs to `realm` is not told from what
 * belongs to this one.
 */
export function show(value: unknown, realm: Realm = thisRealm, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'bigint') return showNumber(value);
  if (typeof value === 'function') return showFunction(value, realm);
  if (typeof value !== 'object' || value === null) return String(value);
  if (types.isTypedArray(value)) return showTypedArray(value as AnyTypedArray, realm);
  if (types.isAnyArrayBuffer(value)) return showArrayBuffer(value, realm);
  if (types.isProxy(value)) return 'a proxy';
  if (types.isDataView(value)) {
    return `DataView(${value.byteLength} at ${value.byteOffset} of ${value.buffer.byteLength})`;
  }
  if (types.isNativeError(value)) {
    const { name, message, code } = value as NodeJS.ErrnoException;
    return `${value.constructor.name} ${name}${code === undefined ? '' : ` ${code}`}: ${message}`;
  }
  return showObject(value, realm, depth);
}

/** What a program logs, and how it ends, as text. */
export function outcomeOf(
  program: (log: (...values: unknown[]) => void) => unknown,
  realm: Realm = thisRealm,
): string {
  const lines: string[] = [];
  try {
    const result = program((...values) => {
      lines.push(values.map((value) => show(value, realm)).join(' '));
    });
    lines.push(`returned ${show(result, realm)}`);
  } catch (error) {
    lines.push(`threw ${show(error, realm)}`);
  }
  return lines.join('\n');
}
