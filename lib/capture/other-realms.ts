import vm from 'node:vm';
import { survivingTermination } from '../current-scope.js';
import { gate } from '../gate.js';
import {
  bufferOf,
  byteLengthOf,
  kindOf,
  OriginalArrayBuffer,
  OriginalUint8Array,
  type TypedArray,
  TypedArrayBase,
} from '../intrinsics.js';
import { isObject } from '../message-reading.js';
import {
  ObjectGetOwnPropertyDescriptor,
  ReflectApply,
  ReflectConstruct,
  SafeWeakSet,
  uncurryThis,
} from '../primordials.js';
import { exactBufferOf, startOf, windowsOf } from '../window.js';
import { disguise, patchFunctionToString } from './native-source.js';
import { Patches } from './patches.js';
import { partOfWindow } from './subarray.js';

// The contexts of node:vm have built-in methods of their own, which take our arrays and ArrayBuffers
// as they take their own. What would give arena memory away or show a window is replaced there, too.

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** The prototypes of a realm that methods are replaced on. */
interface Realm {
  readonly functions: object;
  readonly arrayBuffers: object;
  readonly typedArrays: object;
}

// Does what accessors.ts does, by the getters of that realm: what they throw is its own.
function replaceAccessors(patches: Patches, prototype: object): void {
  const originalOf = <T>(name: string) =>
    ObjectGetOwnPropertyDescriptor(prototype, name)?.get as (this: unknown) => T;
  const ownBufferOf = uncurryThis(originalOf<ArrayBufferLike>('buffer'));
  const ownByteOffsetOf = uncurryThis(originalOf<number>('byteOffset'));
  const replacements = {
    get buffer(): ArrayBufferLike {
      const buffer = ownBufferOf(this);
      if (!gate.used) return buffer;
      const windows = windowsOf(buffer);
      return windows === undefined ? buffer : exactBufferOf(this as unknown as TypedArray, windows);
    },

    get byteOffset(): number {
      const offset = ownByteOffsetOf(this);
      if (offset === 0 || !gate.used) return offset;
      const windows = windowsOf(bufferOf(this));
      return windows === undefined ? offset : offset - startOf(offset, byteLengthOf(this), windows);
    },
  };
  for (const name of ['buffer', 'byteOffset']) {
    const get = ObjectGetOwnPropertyDescriptor(replacements, name)?.get as () => unknown;
    patches.replace(prototype, name, { get: disguise(get, originalOf(name)) });
  }
}

// V8's shows the window to the constructor of the array, and empty parts of it to everybody.
function replaceSubarray(patches: Patches, prototype: object): void {
  const original = ObjectGetOwnPropertyDescriptor(prototype, 'subarray')?.value as Method;
  const ownSubarray = uncurryThis(
    original as (this: unknown, begin: unknown, end: unknown) => unknown,
  );
  const replacement = {
    subarray(this: TypedArray, begin: unknown, end: unknown): unknown {
      const windows = gate.used && kindOf(this) !== undefined && windowsOf(bufferOf(this));
      return windows ? partOfWindow(this, windows, begin, end) : ownSubarray(this, begin, end);
    },
  }.subarray;
  patches.replace(prototype, 'subarray', { value: disguise(replacement, original) });
}

type ReplaceTransfers = (patches: Patches, arrayBufferPrototype: object) => void;

/** Replaces what is not of the realm that arena-pirate runs in, where that is done as ever. */
function replaceIn(patches: Patches, realm: Realm, replaceTransfers: ReplaceTransfers): void {
  const { functions, arrayBuffers, typedArrays } = realm;
  if (arrayBuffers !== OriginalArrayBuffer.prototype) replaceTransfers(patches, arrayBuffers);
  if (typedArrays !== TypedArrayBase.prototype) {
    replaceAccessors(patches, typedArrays);
    replaceSubarray(patches, typedArrays);
  }
  if (functions !== Function.prototype) patchFunctionToString(patches, functions);
}

const { getPrototypeOf } = Object;
const { bind } = Function.prototype;

/** The realm of a function. Asks for no globals, which users may have put others in place of. */
function realmOf(inside: object): Realm {
  // What a `new.target` without a prototype makes has the prototype of that function's realm.
  const newTarget = ReflectApply(bind, inside, []);
  return {
    functions: getPrototypeOf(inside),
    arrayBuffers: getPrototypeOf(ReflectConstruct(OriginalArrayBuffer, [0], newTarget)),
    typedArrays: getPrototypeOf(
      getPrototypeOf(ReflectConstruct(OriginalUint8Array, [0], newTarget)),
    ),
  };
}

const makeFunction = new vm.Script('(function () {})');
const { runInContext } = vm.Script.prototype;

// By the objects that stand for them. A context keeps its replacements after `uninstall`: they do no
// harm, and to remember it would keep it alive.
const prepared = new SafeWeakSet<object>();

/** Has every context that is made from now on, or that runs a script, get replacements. */
export function patchOtherRealms(patches: Patches, replaceTransfers: ReplaceTransfers): void {
  const prepare = (context: unknown) => {
    if (!isObject(context) || prepared.has(context) || !vm.isContext(context)) return;
    const realm = realmOf(ReflectApply(runInContext, makeFunction, [context]));
    try {
      replaceIn(new Patches(), realm, replaceTransfers);
    } catch (error) {
      // In one that is older than arena-pirate properties may have been frozen or deleted.
      if (!(error instanceof TypeError)) throw error;
    }
    prepared.add(context);
  };
  const replace = (holder: object, name: string, replacementFor: (original: Method) => Method) => {
    const original = ObjectGetOwnPropertyDescriptor(holder, name)?.value as Method;
    patches.replace(holder, name, { value: disguise(replacementFor(original), original) });
  };
  // That of Node, where arena-pirate itself runs in a context, as Jest has it.
  replaceIn(patches, realmOf(vm.createContext), replaceTransfers);
  replace(vm, 'createContext', (create) => {
    return function (this: unknown, ...args) {
      const context = ReflectApply(create, this, args);
      prepare(context);
      return context;
    };
  });
  // By which all functions of node:vm run what they make a context for.
  replace(vm.Script.prototype, 'runInContext', (run) => {
    return function (this: unknown, ...args) {
      prepare(args[0]);
      return survivingTermination(() => ReflectApply(run, this, args));
    };
  });
  const surviving = (run: Method): Method =>
    function (this: unknown, ...args) {
      return survivingTermination(() => ReflectApply(run, this, args));
    };
  replace(vm.Script.prototype, 'runInThisContext', surviving);
  // Only with --experimental-vm-modules.
  const { Module } = vm as { Module?: { readonly prototype: object } };
  if (Module !== undefined) replace(Module.prototype, 'evaluate', surviving);
}
