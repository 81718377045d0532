// `filter`, on arrays of so many elements that a loop of ours stands in for V8's, and of fewer.
import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';

const programs = forms`
    x.filter(() => true)  x.filter(() => false)  x.filter((n, i) => i % 3)  x.filter((n) => n > 7)
    x.filter((n, i) => i % 2).filter((n, i) => i % 2)  x.filter(() => ({}))  x.filter(() => "")
    x.filter(function (n, i, array) { if (i === 1) log(this === globalThis, n, array === x); return true; })
    x.filter(function (n) { "use strict"; log(this); throw new TypeError("first"); })
    x.filter(function (n, i) { if (i === x.length - 1) log(this, arguments.length); return i % 2; }, "self")
    x.filter((n, i) => { if (i === x.length - 2) throw new RangeError("midway"); return n; })
    x.filter((n, i) => { x.fill(v(1)); return i % 5; })  x.filter((n, i) => { x[i + 1] = v(9); return i % 4; })
    x.filter((n, i) => i === 5 ? x.filter((m, j) => j % 2).length : i % 7)  x.filter(class {})  x.filter(5)  x.filter()
    x.filter(logged({}))  x.filter(logged((n) => n))  x.filter(null)  x.filter((n) => { throw n; })
    Reflect.apply(x.filter, 5, [(n) => n])  Reflect.apply(x.filter, [], [(n) => n])
    const y = x.filter((n, i) => i % 2); [y.buffer.byteLength, y.byteOffset, y.buffer === x.buffer, y.constructor === T]
    const y = x.subarray(3).filter((n, i) => i % 2); [y.length, y.byteOffset, y.buffer.byteLength]
    z.filter((n, i) => { if (i === 2) detach(z.buffer); return false; })
    z.filter((n, i) => { if (i === 2) detach(z.buffer); return i < 2; })
    z.filter((n, i) => { if (i === 2) detach(z.buffer); return true; })
    z.filter((n, i) => { if (i === 2) detach(z.buffer); log(i, n === undefined); return i % 50; })
    x.constructor = undefined; x.filter((n, i) => i % 2)
    x.constructor = { [Symbol.species]: Array }; x.filter((n, i) => i % 2)
    x.filter((n, i) => { if (i === 3) x.constructor = { [Symbol.species]: Array }; return i % 2; })
    x.filter((n, i) => { if (i === 3) x.constructor = { get [Symbol.species]() { log("species"); return Float64Array; } }; return i % 2; })
    x.filter((n, i) => { if (i === 3) x.constructor = function (...args) { log(args.length, args[0]); return new T(200); }; return i % 2; })
    x.filter((n, i) => { if (i === 3) x.constructor = function (...args) { return new T(3); }; return i % 2; })
    x.filter((n, i) => { if (i === 3) Object.setPrototypeOf(x, Int8Array.prototype); return i % 2; }).constructor.name
    x.filter((n, i) => { x[0] = v(99); if (i === 9) x.constructor = Int16Array; return i % 2; })
    Object.defineProperty(x, "constructor", { get() { log("constructor"); return T; } }); x.filter((n, i) => i % 2)
    Object.setPrototypeOf(x, null); T.prototype.filter.call(x, (n, i) => i % 2).constructor.name
    class S extends T {}; const s = new S(300); [s.filter((n, i) => i % 2) instanceof S, s.filter((n) => !n)]
    class S extends T { static get [Symbol.species]() { log("species"); return T; } }; new S(300).filter(() => true)
    class S extends T { constructor(...args) { super(...args); log(args.length, args[0]); } }; new S(300).filter(() => 1)
    x.filter((n, i) => { new T(100); return i % 2 })  x.filter((n, i) => { T.from([v(1), v(2)]).slice(1); return i % 2 })
  `.flatMap((expression) =>
  [300, 20, 0].map(
    (length) =>
      `const x = new T(list(${length}).map((n) => n % v(100))); const z = new T(new ArrayBuffer(x.byteLength)); ${expression}`,
  ),
);

// What is changed for all arrays is changed back.
const redefinitions = [
  `Object.defineProperty(T, Symbol.species, { configurable: true, get() { log("species"); return T; } });
   try { x.filter((n, i) => i % 2) } finally { delete T[Symbol.species]; }`,
  `try {
     x.filter((n, i) => {
       if (i === 1) Object.defineProperty(T, Symbol.species, { configurable: true, get() { log("species"); throw new TypeError("species"); } });
       return i % 2;
     })
   } finally { delete T[Symbol.species]; }`,
  `T.prototype.constructor = Array; try { x.filter((n, i) => i % 2) } finally { T.prototype.constructor = T; }`,
].map((source) => `const x = new T(list(300).map((n) => n % v(100))); ${source}`);

describe.each(['Float64Array', 'Float32Array', 'Uint8ClampedArray', 'Int16Array', 'BigInt64Array'])(
  '%s.prototype.filter',
  (type) => {
    itAnswersAsPlain('answers', [...programs, ...redefinitions], { type });
  },
);
