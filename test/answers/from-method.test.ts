// `from` with a function, of so many elements that a loop of ours stands in for V8's, and of fewer.
import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';

const LENGTHS = [300, 20, 3];

/** With `s`, a source of elements that `T` takes. */
const programs = forms`
    T.from(s, (n) => n)  T.from(s, (n, i) => v(i % 100))  T.from(s, function (n, i) { return v(arguments.length); })
    T.from(s, function (n, i) { if (i < 2) log(this === globalThis, n, i); return v(1); })
    T.from(s, function (n, i) { "use strict"; if (i < 2) log(this, n, i); return v(1); })
    T.from(s, function (n, i) { if (i < 2) log(this, n); return v(1); }, 7)  T.from(s, () => v(1), undefined)
    T.from(s, (n, i) => { if (i > 1) throw new RangeError("midway"); return n; })
    T.from(s, (n, i) => { s[i + 1] = v(9); return n; })  T.from(s, (n, i) => { if (i === 1) s.length = 2; return n; })
    T.from(s, (n, i) => { if (i === 1 && s.push) s.push(v(5)); return n; })
    T.from(s, (n, i) => { if (i === 1) delete s[2]; return n ?? v(8); })
    T.from(s, () => ({ valueOf() { return v(3); } }))  T.from(s, (n, i) => i % 2 ? "7" : true)
    T.from(s, () => undefined)  T.from(s, () => Symbol("s"))  T.from(s, () => {})  T.from(s, () => 1n)  T.from(s, () => 1.5)
    T.from(s, class {})  T.from(s, 5)  T.from(s, null)  T.from(s, logged(() => v(1)))  T.from(s, Math.max)
    T.from(s, (n, i) => i === 2 ? v(T.from(s, (m) => m).length % 100) : n)
    Reflect.apply(T.from, 5, [s, (n) => n])  Reflect.apply(T.from, Array, [s, (n) => n])
    Reflect.apply(T.from, class extends T {}, [s, (n) => n]) instanceof T
    class S extends T { constructor(...args) { super(...args); log(args.length, args[0]); } }; S.from(s, (n) => n)
    const { from } = T; from(s, (n) => n)  Int16Array.from(s, (n) => Number(n ?? 4) % 100)
    const y = T.from(s, (n, i) => v(i % 90)); [y.byteOffset, y.buffer.byteLength, y.buffer === T.from(s, () => v(0)).buffer]
    s[Symbol.iterator] = function* () { log("own"); yield v(1); }; T.from(s, (n) => n)
    s[Symbol.iterator] = undefined; T.from(s, (n) => n ?? v(2))  s[Symbol.iterator] = 5; T.from(s, (n) => n)
    Object.defineProperty(s, Symbol.iterator, { get() { log("asked"); return undefined; } }); T.from(s, (n) => n ?? v(2))
    T.from(logged(s), (n) => n ?? v(2))  Object.setPrototypeOf(s, null); T.from(s, (n) => n ?? v(2))
    Object.setPrototypeOf(s, { *[Symbol.iterator]() { log("inherited"); yield v(1); } }); T.from(s, (n) => n)
  `;

const sources = (length: number): string[] => [
  `list(${length}).map((n) => n % v(100))`,
  `(() => { const s = list(${length}); delete s[1]; s[2] = undefined; return s; })()`,
  `Object.defineProperty(list(${length}), 1, { get() { log("element"); return v(1); } })`,
  `new T(list(${length}).map((n) => n % v(100)))`,
  `new T(list(${length + 5}).map((n) => n % v(100))).subarray(5)`,
  `({ length: ${length} })`,
  `({ length: ${length}, 0: v(4), 2: v(6), get 3() { log("element"); return v(1); } })`,
  `({ get length() { log("length"); return ${length}; } })`,
  `new Set(list(${length}))`,
];

// What is changed for all arrays is changed back.
const redefinitions = ['Array.prototype', 'Object.getPrototypeOf(T).prototype', 'T.prototype']
  .flatMap((prototype) =>
    ['value: function* () { log("iterated"); yield v(1); }', 'get() { log("asked"); }'].map(
      (property) => `
        const before = Object.getOwnPropertyDescriptor(${prototype}, Symbol.iterator);
        Object.defineProperty(${prototype}, Symbol.iterator, { configurable: true, ${property} });
        try { T.from(s, (n) => n ?? v(2)) } finally {
          if (before) Object.defineProperty(${prototype}, Symbol.iterator, before); else delete ${prototype}[Symbol.iterator];
        }`,
    ),
  )
  .concat(
    `const iterator = Object.getPrototypeOf([].values()); const { next } = iterator;
     iterator.next = function () { log("next"); return Reflect.apply(next, this, []); };
     try { T.from(s, (n) => n ?? v(2)) } finally { iterator.next = next; }`,
    `Object.defineProperty(Object.prototype, Symbol.iterator, { configurable: true, get() { log("asked"); } });
     try { T.from(s, (n) => n ?? v(2)) } finally { delete Object.prototype[Symbol.iterator]; }`,
    `Object.prototype.value = 20; try { T.from(s, (n) => n ?? v(2)) } finally { delete Object.prototype.value; }`,
    `const { toString } = Function.prototype; Function.prototype.toString = function () { log("source"); return "5"; };
     try { T.from(s, (n) => n ?? v(2)) } finally { Function.prototype.toString = toString; }`,
    `Object.defineProperty(Object.prototype, 2, { configurable: true, get() { log("element"); return v(5); } });
     try { T.from(s, (n) => n ?? v(2)) } finally { delete Object.prototype[2]; }`,
  );

const all = LENGTHS.flatMap((length) =>
  sources(length).flatMap((source) =>
    [...programs, ...redefinitions].map((program) => `const s = ${source}; ${program}`),
  ),
);

describe.each(['Float64Array', 'Uint8ClampedArray', 'BigInt64Array'])('%s.from', (type) => {
  itAnswersAsPlain('answers', all, { type });
});
