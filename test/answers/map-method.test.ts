// `map` on arrays of so many elements that a loop of ours stands in for V8's.
import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';

const programs = forms`
    x.map((n) => n)  x.map((n, i) => v(i % 100))  x.map((n) => v(3)).map((n) => n)
    x.map(function (n, i, array) { if (i === 1) log(this === globalThis, n, array === x); return n; })
    x.map(function (n) { "use strict"; log(this); throw new TypeError("first"); })
    x.map(function (n, i) { if (i === 299) log(this, arguments.length); return n; }, "self")
    x.map(() => "x")  x.map(() => "7")  x.map(() => undefined)  x.map(() => Symbol())  x.map(() => 1n)
    x.map(() => 1.75)  x.map(() => -1)  x.map(() => ({ valueOf() { log("valueOf"); return v(5); } }))
    x.map((n, i) => { if (i === 270) throw new RangeError("midway"); return n; })
    x.map((n, i) => { x.fill(v(1)); return n; })  x.map((n, i) => { x[i + 1] = v(9); return n; })
    x.map((n, i) => i === 5 ? x.map((m) => m)[7] : n)  x.map(class {})  x.map(5)  x.map(logged({}))
    x.map(logged((n) => n))  Reflect.apply(x.map, 5, [(n) => n])  Reflect.apply(x.map, [], [(n) => n])
    const y = x.map((n) => n); [y.buffer.byteLength, y.byteOffset, y.buffer === x.buffer, y.constructor === T]
    const y = x.subarray(3).map((n) => n); [y.length, y.byteOffset, y.buffer.byteLength]
    x.map((n, i) => { if (i === 2) detach(y.buffer); return n; })
    x.constructor = undefined; x.map((n) => n)
    x.constructor = { [Symbol.species]: Array }; x.map((n) => n)
    Object.defineProperty(x, "constructor", { get() { log("constructor"); return T; } }); x.map((n) => n)
    Object.setPrototypeOf(x, Uint8Array.prototype); x.map((n) => n).constructor.name
    Object.setPrototypeOf(x, null); T.prototype.map.call(x, (n) => n).constructor.name
    class S extends T {}; const s = new S(300); [s.map((n) => v(2)) instanceof S, s.map((n) => v(2))]
    class S extends T { static get [Symbol.species]() { log("species"); return T; } }; new S(300).map((n) => n)
    class S extends T { constructor(...args) { super(...args); log(args.length, args[0]); } }; new S(300).map((n) => n)
  `.map(
  (expression) =>
    `const x = new T(list(300).map((n) => n % v(100))); const y = new T(9); ${expression}`,
);

// What is changed for all arrays is changed back.
const redefinitions = [
  `const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(T), Symbol.species);
   Object.defineProperty(T, Symbol.species, { configurable: true, get() { log("species"); return T; } });
   try { x.map((n) => n) } finally { delete T[Symbol.species]; }`,
  `const { value } = Object.getOwnPropertyDescriptor(T.prototype, "constructor");
   Object.defineProperty(T.prototype, "constructor", { configurable: true, get() { log("constructor"); return value; } });
   try { x.map((n) => n) } finally {
     Object.defineProperty(T.prototype, "constructor", { value, writable: true, enumerable: false, configurable: true });
   }`,
  `T.prototype.constructor = Array; try { x.map((n) => n) } finally { T.prototype.constructor = T; }`,
  `const Base = Object.getPrototypeOf(T); const before = Object.getOwnPropertyDescriptor(Base, Symbol.species);
   Object.defineProperty(Base, Symbol.species, { configurable: true, get() { log("base"); return this; } });
   try { x.map((n) => n) } finally { Object.defineProperty(Base, Symbol.species, before); }`,
].map((source) => `const x = new T(list(300).map((n) => n % v(100))); ${source}`);

describe.each(['Float64Array', 'Float32Array', 'Uint8ClampedArray', 'Int16Array', 'BigInt64Array'])(
  '%s.prototype.map',
  (type) => {
    itAnswersAsPlain('answers', [...programs, ...redefinitions], { type });
  },
);
