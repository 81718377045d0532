import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';
import { typedArrayNames } from '../support/outcome.js';

const everyType = `[${typedArrayNames}]`;

const looks = [
  ...forms`
    T  T.name  T.length  String(T)  typeof T  T.prototype.constructor === T  Reflect.ownKeys(T)
    Object.getOwnPropertyDescriptors(T)  Object.keys(T)  T.caller
    Object.prototype.toString.call(T)  T instanceof Function  Object.isExtensible(T)
    Function.prototype.toString.call(T)  T.toString === Function.prototype.toString
    T[Symbol.species] === T  new T(100).length  new T(200).length  Object.hasOwn(T, Symbol.species)
    T[Symbol.hasInstance].name
    Object.hasOwn(T, Symbol.hasInstance)  globalThis[T.name] === T  T.BYTES_PER_ELEMENT
    Object.getOwnPropertyDescriptor(globalThis, T.name)  Object.isFrozen(T)  T.arguments
    Object.getPrototypeOf(T) === Object.getPrototypeOf(Int8Array)
    Object.getPrototypeOf(T)  Object.getPrototypeOf(T) === Function.prototype
    Object.getPrototypeOf(T.prototype)  Object.getOwnPropertyDescriptors(T.prototype)
    "prototype" in T  T.bind(null).name  process.getBuiltinModule("util").inspect([T, { T }])
    T.prototype = 1; T.prototype
    T.own = 5; const { own } = T; const keys = Object.keys(T); delete T.own; [own, keys, T.own]
  `,
  // V8 names the function in its message, which differs, and is allowed to.
  ...[
    'T`100`',
    ...forms`
      T()  T(100)  T.call(new T(100), 8)  Reflect.apply(T, undefined, [100])  T.prototype = {}
      T.BYTES_PER_ELEMENT = 1  delete T.prototype  T.name = 1
    `,
  ].map((wrong) => `'use strict'; try { ${wrong} } catch (error) { error.constructor.name }`),
];

const belonging = [
  `${everyType}.map((Other) => new T(100) instanceof Other)`,
  `${everyType}.map((Other) => Other.prototype.isPrototypeOf(new T(100)))`,
  `${everyType}.map((Other) => new T(100).constructor === Other)`,
  `${everyType}.map((Other) => T === Other)`,
  'const base = Object.getPrototypeOf(T); [new T(100) instanceof base, T instanceof base, new base()]',
  ...forms`
      {}  5  null  T.prototype  Object.create(T.prototype)  new Proxy(new T(100), {})
    `.map((value) => `(${value}) instanceof T`),
  ...['new T(100)', 'new T(list(2))', '[]', 'undefined'].map(
    (value) => `T[Symbol.hasInstance](${value})`,
  ),
  ...forms`
    new T(100) instanceof T.bind(null)  new T(100) instanceof new Proxy(T, {})
    new (otherRealm()[T.name])(100) instanceof T  new T(100) instanceof otherRealm()[T.name]
    Object.setPrototypeOf(new T(100), Array.prototype) instanceof T
    Object.prototype.toString.call(new T(100))  new T(100)[Symbol.toStringTag]
    ArrayBuffer.isView(new T(100))  Object.getPrototypeOf(new T(100)) === T.prototype
    process.getBuiltinModule("util").inspect(new T(list(100)))
    process.getBuiltinModule("util").inspect(new T(list(100)), { showHidden: true })
    process.getBuiltinModule("util").inspect(new T(list(100)).subarray(3, 90).buffer)
    JSON.stringify(new T(list(100)), (_, value) => typeof value === "bigint" ? String(value) : value)
  `,
];

const newTargets = [
  ...typedArrayNames,
  ...forms`
    Array  Date  Object  class {}  class extends T {}  function () {}  T.bind(null)
    otherRealm().Float32Array  otherRealm().Object  logged(T)  logged(class {})  Proxy  () => {}
    null  undefined  {}  5  Math.max  Symbol  async () => {}
    Object.assign(function () {}, { prototype: null })
    Object.assign(function () {}, { prototype: T.prototype })
    Object.assign(new (otherRealm().Function)(), { prototype: 5 })
    Object.defineProperty(function () {}.bind(), "prototype", { get() { log("prototype"); return Set.prototype; } })
    Object.defineProperty(function () {}.bind(), "prototype", { get() { throw new RangeError("prototype"); } })
  `,
];

const argumentLists = forms`
    []  [100]  [list(90)]  [new T(list(90))]  [new Set(list(90))]  [{ length: 90 }]  [-1]
    [new ArrayBuffer(800), 8, 2]  [new ArrayBuffer(800), 801]  [Symbol("s")]
    [logged({ length: 2 })]  [logged(list(90))]  [logged({ length: -1 })]
    [(function* () { log("iterating"); yield v(1); throw new RangeError("midway"); })()]
  `;

const reflected = newTargets.flatMap((target) =>
  argumentLists.map((list) => `const target = ${target}; Reflect.construct(T, ${list}, target)`),
);

// A `new.target` whose prototype is asked for when the length of the source has been.
const resizing = forms`
  r.resize(80)  r.resize(0)  r.resize(1600)  r.resize(720)  structuredClone(r, { transfer: [r] })
`.flatMap((resize) =>
  forms`new T(r)  new T(r, 16, 80)  new (class extends T {})(r)`.map(
    (source) => `const r = new ArrayBuffer(800, { maxByteLength: 1600 });
      const whole = new T(r); for (let i = 0; i < whole.length; i++) whole[i] = v(i % 100);
      const source = ${source}; new T(list(300));
      const target = Object.defineProperty(function () {}.bind(), 'prototype',
        { get() { ${resize}; return T.prototype; } });
      Reflect.construct(T, [source], target)`,
  ),
);

const wrapped = forms`
    new (T.bind(null, 100))()  new (T.bind(null, list(90)))(5)  new (logged(T))(100)
    new (logged(T))(list(90))
    new (new Proxy(T, { construct: (target, args) => new target(args[0] * 2) }))(100)
    new (logged(class extends T {}))(100)  Reflect.construct(Array, [3], T)
    Reflect.construct(Object, [], T)  class A { constructor() { return new T(100); } } new A()
    class B extends Object { constructor() { return Reflect.construct(T, [100], new.target); } } new B()
    function target() {} const r = Proxy.revocable({}, {}); target.prototype = r.proxy; r.revoke(); typeof Reflect.construct(T, [100], target)
    function target() {} target.prototype = new Proxy(T.prototype, { getPrototypeOf(o) { log("asked"); return Reflect.getPrototypeOf(o); } }); typeof Reflect.construct(T, [100], target)
    let n = 0; class A extends Array { get [Symbol.iterator]() { return n++ ? function* () { yield v(7); } : Array.prototype.values; } } const a = new A(); for (let i = 0; i < 90; i++) a[i] = v(i); [new T(a).length, n, new (class extends T {})(a).length, n]
    let n = 0; new T({ length: 90, get [Symbol.iterator]() { log(n); return n++ ? undefined : 5; } })
    Object.prototype.get = function () {}; try { const X = class extends T {}; [new X(90).subarray(1, 5).length, new X(90).slice(1, 5).length] } finally { delete Object.prototype.get; }
  `;

const statics = [
  ...forms`
    T.of()  T.of(v(1), v(2))  T.of(...list(100))  T.of('1', Symbol('s'))  T.from([])
    T.from(list(100))  T.from(new Set(list(90)))  T.from({ length: 100, 3: v(4) })
    T.from(new T(list(100)))  T.from(new T(list(100)), (n) => n)  T.from(5)  T.from(null)
    T.from()  T.from(list(90), 5)  T.from(list(90), null)  T.from({ length: -1 })
    T.from(list(90), function (n, i) { if (i < 2) log(this, n, i); return v(i); }, 7)
    T.from(list(90), (n, i) => { if (i > 5) throw new RangeError("midway"); return n; })
    T.from((function* () { yield* list(90); log("end"); })(), (n) => { return n; })
    T.from(logged([v(1), v(2)]))  T.from(logged({ length: 2, 0: v(1), 1: v(2) }), (n) => n)
    const { from, of } = T; [from === Int8Array.from, of === Int8Array.of, from.name, of.length]
    T.from.call(Array, [1])  T.from.call({}, [1])  T.of.call(undefined, 1)
    T.of.call(class extends T { constructor(...args) { log("made with", args); super(...args); } }, v(5))
    T.of.call(function () { return new T(100); }, v(5))
    T.of.call(function () { return new T(1); }, v(5), v(6))
    T.of.call(function () { return []; }, v(5))
    T.from.call(function (n) { log(n); return new T(n + 90); }, list(3))
  `,
  ...typedArrayNames.map((name) => `${name}.from.call(T, list(90))`),
  ...typedArrayNames.map((name) => `T.from(${name}.of())`),
];

describe.each(typedArrayNames)('%s', (type) => {
  itAnswersAsPlain('looks', looks, { type });
  itAnswersAsPlain('tells what belongs to it', belonging, { type });
  itAnswersAsPlain('answers Reflect.construct with any new.target', reflected, { type });
  itAnswersAsPlain('copies what is resized meanwhile', resizing, { type });
  itAnswersAsPlain('can be bound, wrapped and returned', wrapped, { type });
  itAnswersAsPlain('answers from and of', statics, { type });
});

const sharedFunctions = [
  ...forms`
    Object.getOwnPropertyDescriptors(Object.getPrototypeOf(Int8Array))
    Object.getOwnPropertyDescriptors(Object.getPrototypeOf(Int8Array.prototype))
  `,
  `const prototype = Object.getPrototypeOf(Int8Array.prototype);
   Reflect.ownKeys(prototype).map((key) => {
     const { get, set, value } = Object.getOwnPropertyDescriptor(prototype, key);
     const code = get ?? value;
     return typeof code !== 'function' ? key : [key, code.name, code.length, String(code), set,
       Object.hasOwn(code, 'prototype'), Object.getPrototypeOf(code) === Function.prototype,
       Reflect.ownKeys(code)];
   })`,
  ...forms`
    Object.getOwnPropertyDescriptors(Function.prototype.toString)
    String(Function.prototype.toString)  new Function.prototype.toString()
    Function.prototype.toString.call({})  Function.prototype.toString.call(5)
    Function.prototype.toString.call(class A { method() {} })
    Function.prototype.toString.call(new Proxy(Float64Array, {}))
    String(Float64Array.bind())  class Sub extends Float64Array { x = 1 }; String(Sub)
  `,
  `Object.getOwnPropertyNames(globalThis).filter((name) => /Array|Buffer/.test(name)).sort()
     .map((name) => [name, String(globalThis[name]), Reflect.ownKeys(globalThis[name])])`,
  `['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'from', 'concat', 'of', 'isBuffer'].map((name) =>
     [Object.getOwnPropertyDescriptor(Buffer, name), Buffer[name].name, Buffer[name].length,
      String(Buffer[name]), Reflect.ownKeys(Buffer[name])])`,
  ...forms`
    Reflect.ownKeys(Buffer)  Object.getPrototypeOf(Buffer) === Uint8Array
    Object.getPrototypeOf(Buffer.prototype) === Uint8Array.prototype
    Buffer.prototype.constructor === Buffer
    Object.getPrototypeOf(structuredClone) === Function.prototype
    [structuredClone.name, structuredClone.length, String(structuredClone)]
  `,
];

describe('the shared built-ins', () => {
  itAnswersAsPlain('look', sharedFunctions, { allocateNothing: true });
});
