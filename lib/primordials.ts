// Built-ins as they were when this file was loaded, by the names that Node gives to its own: `ReflectApply` for
// `Reflect.apply`, and maps and sets whose methods are their own. What runs in scopes uses these, as a program
// that puts something else in the place of a built-in is not to be asked for what it has not called.
import { types as utilTypes } from 'node:util';

export const {
  apply: ReflectApply,
  construct: ReflectConstruct,
  defineProperty: ReflectDefineProperty,
  deleteProperty: ReflectDeleteProperty,
  get: ReflectGet,
  getOwnPropertyDescriptor: ReflectGetOwnPropertyDescriptor,
  ownKeys: ReflectOwnKeys,
  set: ReflectSet,
} = Reflect;

export const {
  assign: ObjectAssign,
  create: ObjectCreate,
  defineProperties: ObjectDefineProperties,
  defineProperty: ObjectDefineProperty,
  entries: ObjectEntries,
  freeze: ObjectFreeze,
  getOwnPropertyDescriptor: ObjectGetOwnPropertyDescriptor,
  getOwnPropertyDescriptors: ObjectGetOwnPropertyDescriptors,
  getOwnPropertyNames: ObjectGetOwnPropertyNames,
  getOwnPropertySymbols: ObjectGetOwnPropertySymbols,
  getPrototypeOf: ObjectGetPrototypeOf,
  hasOwn: ObjectHasOwn,
  isExtensible: ObjectIsExtensible,
  keys: ObjectKeys,
  preventExtensions: ObjectPreventExtensions,
  setPrototypeOf: ObjectSetPrototypeOf,
  values: ObjectValues,
} = Object;

export const {
  ceil: MathCeil,
  floor: MathFloor,
  log2: MathLog2,
  max: MathMax,
  min: MathMin,
  sqrt: MathSqrt,
  trunc: MathTrunc,
} = Math;

export const {
  isFinite: NumberIsFinite,
  isInteger: NumberIsInteger,
  isSafeInteger: NumberIsSafeInteger,
  parseInt: NumberParseInt,
} = Number;

export const { isArray: ArrayIsArray } = Array;

/** `Array.from`, whose elements are the list's own, whatever setters its prototype has. */
export const ArrayFrom: typeof Array.from = Array.from.bind(Array);
export const { isView: ArrayBufferIsView } = ArrayBuffer;

/** What `util.types` tells of values. */
export const types: typeof utilTypes = { ...utilTypes };

const { bind, call } = Function.prototype;

/** `method.call(self, ...args)` as a function of its own that nobody can replace. */
export const uncurryThis = bind.bind(call) as unknown as <Self, Args extends unknown[], Result>(
  method: (this: Self, ...args: Args) => Result,
) => (self: Self, ...args: Args) => Result;

/** Gives a class the methods that its instances inherit, and nothing to inherit more from. */
function keepMethods<Class extends { readonly prototype: object }>(
  Safe: Class,
  builtIn: object,
): Class {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(builtIn) as Record<
    PropertyKey,
    PropertyDescriptor
  >;
  Object.defineProperties(Safe.prototype, methods);
  Object.setPrototypeOf(Safe.prototype, null);
  return Safe;
}

// What these are iterated by is users' to replace nevertheless: `forEach` is not.
export const SafeMap = keepMethods(class SafeMap<K, V> extends Map<K, V> {}, Map.prototype);
export const SafeSet = keepMethods(class SafeSet<T> extends Set<T> {}, Set.prototype);
export const SafeWeakMap = keepMethods(
  class SafeWeakMap<K extends object, V> extends WeakMap<K, V> {},
  WeakMap.prototype,
);
export const SafeWeakSet = keepMethods(
  class SafeWeakSet<T extends object> extends WeakSet<T> {},
  WeakSet.prototype,
);

type AnyMap = ReadonlyMap<unknown, unknown>;
type AnySet = ReadonlySet<unknown>;

/** What is in a map of users', whatever a subclass says to a `for` loop. */
export const MapPrototypeForEach = uncurryThis(
  Map.prototype.forEach as (this: AnyMap, visit: (value: unknown, key: unknown) => void) => void,
);
export const MapPrototypeSet = uncurryThis(
  Map.prototype.set as (this: Map<unknown, unknown>, key: unknown, value: unknown) => unknown,
);
/** What is in a set of users', whatever a subclass says to a `for` loop. */
export const SetPrototypeForEach = uncurryThis(
  Set.prototype.forEach as (this: AnySet, visit: (value: unknown) => void) => void,
);
export const SetPrototypeAdd = uncurryThis(
  Set.prototype.add as (this: Set<unknown>, value: unknown) => unknown,
);
