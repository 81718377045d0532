import { Gzip } from 'node:zlib';
import {
  ObjectGetPrototypeOf,
  ReflectGetOwnPropertyDescriptor,
  SafeSet,
  SafeWeakMap,
} from '../primordials.js';
import { getBuiltinModule, isLoaded } from './node-loading.js';

// The class of all streams of zlib is not exported.
const zlibStream = ObjectGetPrototypeOf(Gzip.prototype);

// Nor are others, or not without loading their modules, which takes long. Whoever writes a class of such a name has to do
// with copies.
const NAMES = new SafeSet([
  'Cipheriv',
  'Decipheriv',
  'Http2Stream',
  'Sign',
  'UpgradeStream',
  'Verify',
  'WritableWorkerStdio',
  'WriteStream',
]);

function isNamed(prototype: object): boolean {
  const { value } = ReflectGetOwnPropertyDescriptor(prototype, 'constructor') ?? {};
  return typeof value === 'function' && NAMES.has(value.name);
}

// There are none where nobody has loaded their module.
function isSocket(prototype: object): boolean {
  return isLoaded('net') && prototype === getBuiltinModule('node:net').Socket.prototype;
}

const sinks = new SafeWeakMap<object, boolean>();

/** Whether a stream hands what it is given to the system or to another thread, and shows it to nobody. */
export function isSink(stream: object): boolean {
  const first: object | null = ObjectGetPrototypeOf(stream);
  if (first === null) return false;
  let found = sinks.get(first);
  if (found === undefined) {
    found = false;
    for (let each: object | null = first; each && !found; each = ObjectGetPrototypeOf(each)) {
      found = each === zlibStream || isSocket(each) || isNamed(each);
    }
    sinks.set(first, found);
  }
  return found;
}
