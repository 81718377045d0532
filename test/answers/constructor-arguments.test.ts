import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';
import { holdsBigInts, typedArrayNames } from '../support/outcome.js';

const primitives = [
  '',
  ...forms`
    undefined  null  true  false  0  -0  1  7  8  9  64  65  66  100  1000  1023  20000  200000
    -1  -100  1.5  0.5  -0.5  -1.5  99.9  NaN  Infinity  -Infinity  2 ** 53  2 ** 53 - 1
    -(2 ** 31)  1e300  ''  '8'  '100'  '-1'  'x'  '1e2'  ' 0x20 '  8n  100n  -1n  2n ** 64n
    Symbol('s')  Symbol.iterator  100, 8  100, -1, 'x'  100, Symbol('s')  undefined, 1, 2  null, 5
    '100', 1, 1  100, { valueOf() { log("seen"); } }
  `,
].map((args) => `new T(${args})`);

// Nobody touches these, so that no memory is used. They are still slow, as V8 collects garbage for
// each. Of 4 bytes an element.
const gigabytes = forms`
  new T(3 * 2 ** 29).buffer.byteLength  new T(2 ** 32).length  new T(2 ** 33).length
  const x = new T(2 ** 29); const y = x.subarray(-9, -1); [y, y.buffer === x.buffer]
  const x = new T(2 ** 30); const y = x.subarray(2 ** 30); [y, y.buffer === x.buffer]
`;

const typedArrays = [
  ...['new T(0)', 'new T(list(5))', 'new T(list(100))', 'new T(list(3000))', 'new T(200000)'],
  ...typedArrayNames.flatMap((name) => {
    const element = holdsBigInts(name) ? 'BigInt' : '';
    const from = (length: number) =>
      `${name}.from({ length: ${length} }, (_, i) => ${element}(i * 3 - 4))`;
    return [from(0), from(3), from(100), `${from(100)}.subarray(30, 97)`];
  }),
  ...forms`
    Float64Array.of(NaN, Infinity, -Infinity, -0, 1e300, -1.5, 2 ** 31, 2 ** 32, 2 ** 53)
    Float32Array.from({ length: 90 }, (_, i) => (i - 45) * 1.7)
    new T(detach(new ArrayBuffer(64)))  new Uint8Array(detach(new ArrayBuffer(640)))
    const shared = new T(new SharedArrayBuffer(800)); shared.set(list(100)); shared
    const tracking = new T(new ArrayBuffer(800, { maxByteLength: 1600 })); tracking.set(list(9)); tracking
    const buffer = new ArrayBuffer(800, { maxByteLength: 1600 }); const tracking = new T(buffer, 80); buffer.resize(400); tracking
    const buffer = new ArrayBuffer(800, { maxByteLength: 1600 }); const outside = new T(buffer, 400, 8); buffer.resize(64); outside
    class Sub extends T {}; new Sub(list(100))
    const own = new T(list(100)); own[Symbol.iterator] = () => log("iterated"); own.length = 3; own
    const own = new T(list(100)); Object.defineProperty(own, "length", { get() { log("length"); return 5; } }); own
  `,
].map((source) => {
  const statements = source.split('; ');
  return [...statements.slice(0, -1), `new T(${statements.at(-1)})`].join('; ');
});

const offsets = [
  '',
  ...forms`
    undefined  null  0  -0  8  16  800  1  3  7  -1  -8  1.5  8.9  801  808  2 ** 53  NaN
    Infinity  '8'  'x'  8n  Symbol('s')  true  0, 0  0, 1  8, 2  800, 0  800, 1  0, 1000  8, 100
    0, -1  0, 1.5  0, NaN  0, undefined  8, undefined  undefined, 3  0, null  0, '4'  0, 'x'
    0, 2n  0, Symbol('s')  0, 2 ** 53  0, Infinity  2 ** 53, 0  1, 1  8, 2, 5
    number(8, "offset"), number(2, "length")  number(1, "offset"), number(2, "length")
    number("x", "offset"), number(-1, "length")
    { valueOf() { throw new RangeError("offset"); } }, number(2, "length")
    8, { valueOf() { throw new RangeError("length"); } }
    8, { valueOf() { detach(buffer); return 2; } }  { valueOf() { detach(buffer); return 8; } }, 2
  `,
];

const buffers = forms`
    new ArrayBuffer(800)  new SharedArrayBuffer(800)  detach(new ArrayBuffer(800))
    new ArrayBuffer(800, { maxByteLength: 1600 })  new ArrayBuffer(801)
    new SharedArrayBuffer(800, { maxByteLength: 1600 })  new ArrayBuffer(0)
  `.flatMap((buffer) =>
  offsets.map((args) => `const buffer = ${buffer}; new T(buffer, ${args})`.replace(', )', ')')),
);

const largeBuffers = forms`
    const buffer = new ArrayBuffer(2 ** 21 + 64); new T(buffer, 2 ** 21)
    const buffer = new ArrayBuffer(2 ** 21 + 1); new T(buffer)
    const buffer = new ArrayBuffer(2 ** 21); new T(buffer, 64, 4).fill(v(7)); new T(buffer, 0, 16)
    const own = new T(100); new T(own.buffer)
    const own = new T(100); new T(own.buffer, 8).fill(v(3)); own
    const own = new T(100); new T(own.buffer, own.byteOffset, own.length)
    const own = new T(100); new T(own.buffer, own.byteLength)
    const own = new T(100); new T(own.buffer, 0, own.length + 1)
    const own = new T(100); new T(own.buffer, own.byteLength + 8)
    class Sub extends ArrayBuffer {}; const own = new T(new Sub(800)); own.buffer instanceof Sub && own
    const fake = Object.create(ArrayBuffer.prototype); new T(fake)
    const fake = Object.setPrototypeOf({ length: 90, 0: v(1) }, ArrayBuffer.prototype); new T(fake)
    const bare = Object.setPrototypeOf(new ArrayBuffer(800), null); new T(bare, 8, 3).length
  `;

const arrays = forms`
    []  [v(1), v(2), v(3)]  list(64)  list(65)  list(1000)  list(20000)  [v(1), , v(3)]  Array(5)
    Array(100)  [, ...list(100)]  Object.freeze(list(90))
    [1.5, -1.5, 300, -300, 2 ** 31, 2 ** 40, NaN, Infinity]  ['1', '2', 'x', '']
    [null, undefined, true, false]  [[], [5], [1, 2]]  [{}]  [1n, 2]  [1, 2n]  [v(1), Symbol('s')]
    ['1', '2', '300']  [2n ** 64n, -1n]  [new Date(5)]
    [v(1), number(v(2)), v(3), number(v(4), "other")]
    [...list(90), number(v(2)), number(v(4), "other")]
    [v(1), { valueOf() { throw new RangeError("element"); } }, number(v(3))]
    [...list(90), { valueOf() { throw new RangeError("element"); } }, number(v(3))]
    [v(1), { [Symbol.toPrimitive](hint) { log(hint); return v(9); } }]
    (() => { const a = list(90); a[1] = { valueOf() { a.length = 1; a[2] = v(0); return v(8); } }; return a; })()
    (() => { const a = list(3); a[1] = { valueOf() { a.length = 1; return v(8); } }; return a; })()
    Object.defineProperty(list(90), 1, { get() { log("element"); return v(8); } })
    (() => { const a = list(90); a[5] = number(v(2)); return Object.defineProperty(a, 7, { get() { log("element"); return v(8); } }); })()
    (() => { const a = list(90); return Object.defineProperty(a, 3, { get() { log("element"); a.length = 50; return v(8); } }); })()
    (() => { const a = list(90); return Object.defineProperty(a, 3, { get() { log("element"); a.push(v(7), v(9)); return v(8); } }); })()
    (() => { const a = list(90); return Object.defineProperty(a, 89, { get() { a[100] = number(v(7)); return v(8); } }); })()
    (() => { const a = list(90); return Object.defineProperty(a, 50, { get() { throw new RangeError("element"); } }); })()
    (() => { const a = list(90); delete a[5]; return Object.setPrototypeOf(a, Object.create(Array.prototype, { 5: { get() { log("hole"); return v(3); } } })); })()
    [...list(90), undefined]  [...list(90), null, true, "5", "x", ""]  [...list(90), Symbol("s"), number(v(1))]
    [...list(90), 2n]  [...list(90), 2]  [...list(90), () => 5]  [...list(90), [7]]  [undefined, ...list(90)]
    [...list(40), number(v(1)), ...list(60), number(v(2), "other")]
    Object.defineProperty(list(90), Symbol.iterator, { get() { log("asked"); return Array.prototype.values; } })
    Object.assign(list(90), { [Symbol.iterator]: undefined })
    Object.assign(list(90), { [Symbol.iterator]: null })
    Object.assign(list(90), { [Symbol.iterator]: 5 })
    Object.assign(list(90), { *[Symbol.iterator]() { log("own iterator"); yield v(5); } })
    (class extends Array { *[Symbol.iterator]() { yield* list(80); } }).of(v(1))
    (class extends Array {}).from(list(90))  Object.setPrototypeOf(list(90), null)
    otherRealm().Array.from(list(90))  otherRealm().Array.of(v(1), v(2))
  `.map((source) => `new T(${source})`);

const arrayLikes = forms`
    {}  { length: 3, 0: v(1), 1: v(2), 2: v(3) }  { length: '3', 0: v(1) }  { length: -1 }
    { length: NaN }  { length: 0 }  { length: 2.9, 0: v(1), 1: v(2) }  { length: 2 ** 53 }
    { length: Infinity }  { length: -Infinity }  { length: 1n }  { length: Symbol('s') }
    { length: 10n }  { length: 'x' }  { length: null }  { length: {} }  { length: [100] }
    { length: true, 0: v(4) }  { length: number(2, "length"), 0: v(1), 1: v(1) }
    Object.create({ length: 90 })  { length: 100, 99: v(9) }
    Object.assign(Object.create(null), { length: 90, 3: v(3) })
    { get length() { log("length"); return 2; }, get 0() { log("0"); return v(1); }, get 1() { log("1"); return v(2); } }
    { get [Symbol.iterator]() { log("iterator"); }, get length() { log("length"); return 90; } }
    { length: 90, get 1() { throw new RangeError("element"); } }
    { length: 90, 0: number(v(4)), get 1() { log("1"); return v(2); } }
    { get length() { throw new RangeError("length"); } }
    { get [Symbol.iterator]() { throw new RangeError("iterator"); } }
    function (a, b, c) {}  (...args) => args  class { static length = 90; }  new Number(90)
    new Boolean(true)  new Date(90)  /./  Object(8n)  new Error("e")
    new DataView(new ArrayBuffer(80))  globalThis.Math  Object(Symbol("s"))  Promise.resolve()
    (function () { return arguments; })(v(1), v(2))
    (function () { return arguments; })(...list(100))
  `.map((source) => `new T(${source})`);

const iterables = [
  ...forms`
    new Set(list(5))  new Set(list(100))  new Map([[v(1), v(2)]])  new Map().values()
    new Map(list(90).map((n) => [n, n])).values()  list(90).entries()  list(90).values()
    Object("12345")  new String("9".repeat(100))  Object("")  new T(list(90)).values()
    (function* () { yield v(1); yield v(2); return v(3); })()
    (function* () { yield* list(100); })()
    (function* () { yield v(1); throw new RangeError("midway"); })()
    (function* () { yield* list(100); throw new RangeError("late"); })()
    (function* () { try { yield v(1); yield Symbol("s"); yield v(2); } finally { log("closed"); } })()
    (function* () { yield number(v(1)); log("between"); yield number(v(2)); log("end"); })()
    (function* () { for (let i = 0; i < 100; i++) yield number(v(i), i); log("end"); })()
    { [Symbol.iterator]() { throw new RangeError("start"); } }
    { [Symbol.iterator]() { return 1; } }  { [Symbol.iterator]() {} }
    { [Symbol.iterator]() { return {}; } }  { [Symbol.iterator]() { return { next: 1 }; } }
    { [Symbol.iterator]() { return { next: () => 1 }; } }
    { [Symbol.iterator]() { return { next: () => ({ done: true }) }; }, length: 100 }
    { [Symbol.iterator]() { return { get next() { log("next"); return () => ({ get done() { log("done"); return true; } }); } }; } }
    { [Symbol.iterator]() { let i = 0; return { next: () => ({ get done() { log("done"); return i++ > 1; }, get value() { log("value"); return v(i); } }), return() { log("return"); return {}; } }; } }
    { [Symbol.iterator](...args) { log(args, this === held); return list(90).values(); } }
  `,
  ...['undefined', 'null'].map((method) => `{ [Symbol.iterator]: ${method}, length: 90, 5: v(5) }`),
  ...['1', '"x"', '{}', 'true', 'Symbol("s")', '8n'].map(
    (method) => `{ [Symbol.iterator]: ${method} }`,
  ),
].map((source) => `const held = ${source}; new T(held)`);

const patchedIterators = [
  `const prototype = Object.getPrototypeOf([].values()); const { next } = prototype;
   prototype.next = function () { log('next'); return next.call(this); };
   let array; try { array = new T([v(1), v(2)]); } finally { prototype.next = next; } array`,
  `const prototype = Object.getPrototypeOf([].values()); const { next } = prototype;
   const many = list(90); let calls = 0;
   prototype.next = function () { calls++; return next.call(this); };
   let array; try { array = new T(many); } finally { prototype.next = next; } log(calls); array`,
  `const original = Array.prototype[Symbol.iterator]; const many = list(90);
   Array.prototype[Symbol.iterator] = function* () { yield v(1); };
   let array; try { array = new T(many); } finally { Array.prototype[Symbol.iterator] = original; }
   array`,
];

const proxies = forms`
    [v(1), v(2)]  list(90)  { length: 2, 0: v(1), 1: v(2) }  { length: 90 }  {}  new Set([v(1)])
    new T(list(3))  new T(list(90))  new ArrayBuffer(80)  () => {}  new ArrayBuffer(2 ** 21)
    Object.create(null)  new DataView(new ArrayBuffer(80))
  `.flatMap((target) => [`new T(logged(${target}))`, `new T(logged(${target}), 8, 1)`]);

const revoked = ['[]', '{}', '() => {}', 'new T(90)'].map(
  (target) => `const { proxy, revoke } = Proxy.revocable(${target}, {}); revoke(); new T(proxy)`,
);

const throwingProxies = ['get', 'has', 'getPrototypeOf', 'ownKeys', 'getOwnPropertyDescriptor'].map(
  (trap) => `new T(new Proxy(list(90), { ${trap}() { throw new RangeError("${trap}"); } }))`,
);

describe.each(typedArrayNames)('%s', (type) => {
  itAnswersAsPlain('new with primitives answers', primitives, { type });
  itAnswersAsPlain('new with typed arrays answers', typedArrays, { type });
  itAnswersAsPlain('new with offsets into buffers answers', buffers, {
    type,
    allocateNothing: true,
  });
  itAnswersAsPlain('new on buffers of arenas answers', largeBuffers, { type });
  itAnswersAsPlain('new with arrays answers', arrays, { type });
  itAnswersAsPlain('new with array-likes answers', arrayLikes, { type });
  itAnswersAsPlain('new with iterables answers', iterables, { type });
  itAnswersAsPlain('new with arrays whose iteration is patched answers', patchedIterators, {
    type,
  });
  itAnswersAsPlain(
    'new with proxies answers, and reads as much of them,',
    [...proxies, ...revoked, ...throwingProxies],
    { type },
  );
});

describe('Float32Array', () => {
  itAnswersAsPlain('new of gigabytes answers', gigabytes, {
    type: 'Float32Array',
    allocateNothing: true,
  });
});
