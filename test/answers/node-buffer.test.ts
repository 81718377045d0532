import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';

const encodings = forms`
    utf8  UTF-8  utf16le  ucs2  UCS-2  latin1  binary  ascii  hex  HEX  base64  base64url
  `;

const badEncodings = forms`
    "nope"  ""  5  null  {}  "utf-16"  Symbol("s")  "buffer"  []
  `;

const texts = [
  '"\\ud800".repeat(90)',
  '"\\udc00x".repeat(90)',
  '"\\0".repeat(90)',
  '"\\uffff".repeat(70)',
  '"QUJD\\n".repeat(50)',
  ...forms`
    ""  "a"  "x".repeat(64)  "x".repeat(65)  "abc".repeat(100)  "x".repeat(5000)  "é".repeat(90)
    "€uro ".repeat(50)  "😀".repeat(40)  "ÿþ".repeat(70)  "😀".slice(0, 1) + "y".repeat(80)
    "0".repeat(199)  "0a1B".repeat(50)  "0a1g".repeat(50)  "zz" + "00".repeat(90)
    "00".repeat(90) + "z"  "00".repeat(90) + "0"  "é".repeat(180)  "00 ".repeat(90)
    "QUJD".repeat(50)  "QUJDRA==".repeat(20)  "QUJDRA=="  "QUJDRA"  "QUJD".repeat(50) + "QQ"
    "QUJD".repeat(50) + "QQ=="  "QUJD".repeat(50) + "Q"  "-_-_".repeat(50)  "+/+/".repeat(50)
    "-/+_".repeat(50)  "!@#$".repeat(50)  " Q U J D ".repeat(50)  "QUJD=QUJD".repeat(30)
    "=".repeat(200)  "QUJD".repeat(50) + "é"  "z".repeat(2 ** 21)  "QUJD".repeat(2 ** 19) + "!!"
    "0z".repeat(2 ** 20)  "QUJD".repeat(10000) + "!!"  "00".repeat(50000) + "zz"
  `,
];

const fromText = texts.flatMap((text) => [
  `Buffer.from(${text})`,
  ...encodings.map((encoding) => `Buffer.from(${text}, '${encoding}')`),
]);

const fromBadEncoding = ['""', '"abc".repeat(50)', '"abc".repeat(300)'].flatMap((text) =>
  badEncodings.map((encoding) => `Buffer.alloc(100); Buffer.from(${text}, ${encoding})`),
);

const values = forms`
    undefined  null  true  5  -1  8n  Symbol("s")  () => {}  class {}  NaN  []  [1, 2, 3]
    list(100)  list(5000)  [1.9, -1, 256, 300, NaN, Infinity, "7", "x"]  [, 1, , 2]  Array(100)
    [null, undefined, true, {}, []]  [1n]  [Symbol("s")]  Object.freeze(list(90))
    [...list(80), 1n]  [...list(80), Symbol("s")]  new Array(0)  [1, number(2), number(300)]
    [...list(90), number(2), { valueOf() { throw new RangeError("element"); } }]
    (() => { const a = list(90); a[1] = { valueOf() { a.length = 3; return 8; } }; return a; })()
    (() => { const a = list(90); Object.defineProperty(a, 1, { get() { log("1"); return 8; } }); return a; })()
    Object.assign(list(90), { valueOf: () => "text" })
    Object.assign(list(90), { valueOf: () => list(3) })
    Object.assign(list(90), { valueOf: () => 5 })  Object.assign(list(90), { valueOf: undefined })
    Object.assign(list(90), { valueOf: 5 })
    Object.assign(list(90), { [Symbol.toPrimitive]: () => "text" })
    Object.assign(list(90), { type: "Buffer", data: [1] })
    (class extends Array { valueOf() { log("valueOf"); return this; } }).from(list(90))
    Object.setPrototypeOf(list(90), null)  {}  { length: 3, 0: 1 }  { length: 90, 5: 5 }
    { length: "3" }  { length: -1 }  { length: 90.5 }  { length: NaN }  { length: 2 ** 53 }
    { length: null }  { buffer: 1 }  { type: "Buffer", data: [1, 2, 3] }
    { type: "Buffer", data: list(90) }  { type: "Buffer" }  Buffer.alloc(90, 5)
    Buffer.alloc(90, 5).toJSON()  new String("text ".repeat(30))
    { valueOf: () => "text".repeat(40) }  { [Symbol.toPrimitive]: () => "text".repeat(40) }
    { valueOf() { throw new RangeError("valueOf"); } }  { valueOf: () => null }  new Date(0)
    new Uint8Array(0)  new Uint8Array(list(90))  new Float64Array(list(90))
    new Int8Array(list(90))  new BigInt64Array(90)  new BigUint64Array(2)
    new Uint16Array([1, 256, 65535])  new Uint8ClampedArray(90)
    new Float32Array(list(90)).subarray(3)  new Uint8Array(new SharedArrayBuffer(90))  new Map()
    new DataView(new ArrayBuffer(90))  new Set([1, 2])  (function () { return arguments; })(1, 2)
    new Uint8Array(detach(new ArrayBuffer(90)))
    own(new Uint8Array(list(300)), "length", 50)
    own(Buffer.alloc(300, 7), "length", 50)  own(Buffer.alloc(300, 7), "length", "x")
    own(Buffer.alloc(300, 7), "length", undefined)  own(Buffer.alloc(300, 7), "byteLength", 10)
    new (class extends Uint8Array { get length() { return 300; } })(1000)
    Object.assign(new Uint8Array(90), { valueOf: () => "x" })  logged([1, 2])
    logged({ length: 2, 0: 7 })  logged(new Uint8Array(3))  logged({})
    (() => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy; })()
    otherRealm().Array.from(list(90))  new (otherRealm().Uint8Array)(list(90))
    { get valueOf() { log("valueOf"); return () => "text"; } }
    asked(list(90))  asked(new Uint8Array(list(90)))  asked(new Float64Array(list(90)))  asked(Buffer.alloc(90, 7))
    asked(new ArrayBuffer(90))  asked(new DataView(new ArrayBuffer(90)))  asked({ length: 90 })  asked(() => {})
    new (class extends Array { get valueOf() { log("valueOf"); return super.valueOf; } })(90)
    new (class extends Uint8Array { get valueOf() { log("valueOf"); return super.valueOf; } })(90)
  `.map(
  (value) =>
    `const own = (array, key, value) => Object.defineProperty(array, key, { value });
     const asked = (value) => Object.defineProperty(value, 'valueOf', { get() { log('valueOf'); return () => 'text'; } });
     Buffer.from(${value})`,
);

// What Node calls of Buffers itself, it does not call by their names.
const replaced = ['fill', 'write', 'set', 'subarray'].flatMap((name) =>
  forms`
    Buffer.alloc(1000, "abc")  Buffer.alloc(1000, 7)  Buffer.concat([Buffer.alloc(300, 1)], 1000)
    Buffer.concat([Buffer.alloc(300, 1)])  Buffer.from("ab".repeat(2000), "hex")
    Buffer.from("zz".repeat(2000), "hex")  Buffer.from("é".repeat(2000), "latin1")
    Buffer.from("é".repeat(2000))  Buffer.from(list(1000))
  `.map(
    (form) =>
      `const { ${name} } = Buffer.prototype; Buffer.prototype.${name} = () => { log("asked"); return 0; };
       try { ${form}; } finally { Buffer.prototype.${name} = ${name}; }`,
  ),
);

// Which of a length and a length that has been put there is asked for.
const adorned = forms`length  byteLength  byteOffset`.flatMap((key) =>
  forms`10  500`.flatMap((value) => {
    const part = `Object.defineProperty(Buffer.alloc(1000, 7), "${key}", { value: ${value} })`;
    return [
      ...['', ', 500', ', 2000', ', 5000'].map(
        (total) => `Buffer.concat([${part}, Buffer.alloc(1000, 1)]${total})`,
      ),
      ...['0', '-5', '2', '2, 8', '2, -2'].flatMap((args) => [
        `${part}.subarray(${args})`,
        `${part}.slice(${args})`,
      ]),
    ];
  }),
);

const fromBuffers = forms`
    new ArrayBuffer(90)  new SharedArrayBuffer(90)  new ArrayBuffer(2 ** 21)
    detach(new ArrayBuffer(90))  new ArrayBuffer(90, { maxByteLength: 180 })
    new Float64Array(20).buffer  Buffer.alloc(90).buffer  new (otherRealm().ArrayBuffer)(90)
  `.flatMap((buffer) =>
  [
    '',
    ...forms`
      0  8  90  91  -1  NaN  "8"  "x"  undefined  null  1.5  {}  8n  0, 0  0, 5  8, 8  0, 91
      0, -1  0, NaN  0, "5"  0, undefined  0, null  0, 1.5  0, Infinity  90, 0  90, 1  Symbol("s")
      0, Symbol("s")  number(8), number(4)
    `,
  ].map((args) =>
    `const x = Buffer.from(${buffer}, ${args}); [x, x.byteOffset, x.buffer.byteLength]`.replace(
      ', )',
      ')',
    ),
  ),
);

const sizes = [
  '',
  ...forms`
    undefined  null  0  -0  1  64  65  100  5000  100.5  64.9  0.5  -1  -0.5  NaN  Infinity
    -Infinity  "100"  "x"  true  100n  {}  [100]  Symbol("s")  2 ** 53  2 ** 53 - 1  2 ** 54
    1e300  number(100)  2 ** 21 + 3
  `,
];

const allocations = [
  ...sizes.map((size) => `Buffer.alloc(${size})`),
  ...sizes.map((size) => `Buffer.allocUnsafe(${size}).fill(1)`),
  ...sizes.map((size) => `Buffer.allocUnsafeSlow(${size}).fill(1)`),
  ...sizes.map(
    (size) =>
      `const x = Buffer.alloc(${size}); [x.byteOffset, x.buffer.byteLength, x.parent === x.buffer]`,
  ),
  ...sizes.map(
    (size) => `const x = Buffer.allocUnsafeSlow(${size}); [x.byteOffset, x.buffer.byteLength]`,
  ),
  ...forms`
    Buffer.of()  Buffer.of(1, 2)  Buffer.of(...list(90))  Buffer.of("1", 300)  Buffer.of(1n)
    new Buffer.from("text".repeat(30))  new Buffer.alloc(90)  Buffer.from.call(null, "abc")
    Reflect.construct(Buffer.concat, [[Buffer.alloc(90, 1)]])
    const { alloc, from } = Buffer; [alloc(90), from("abc".repeat(40))]
    new Buffer(90)  Buffer(90)  new Buffer("abc".repeat(40))  Buffer(list(90))  new Buffer(-1)
    Buffer.copyBytesFrom?.(new Uint16Array(list(90)), 3, 40)
    Buffer.from("a".repeat(90)).constructor === Buffer  Buffer.isBuffer(Buffer.alloc(90))
    Buffer.alloc(90) instanceof Uint8Array  Buffer.poolSize
  `,
];

// Those that Node 26 takes and those that it refuses.
const alignments = forms`1  64  4096  3  0  -8  1.5  NaN  "8"  null  8n  2 ** 40`;
const aligned = alignments.flatMap((alignment) =>
  ['0', '5', '100', '5000', '-1', '"x"'].flatMap((size) => [
    `Buffer.allocUnsafe(${size}, ${alignment}).fill(1)`,
    `Buffer.allocUnsafeSlow(${size}, ${alignment}).fill(1)`,
  ]),
);

const fills = forms`
    undefined  null  0  -0  1  255  256  -1  1.9  NaN  ""  "a"  "abc"  "é€"  true  false  {}  []
    [1, 2]  () => {}  8n  Symbol("s")  Buffer.alloc(0)  "1"  Buffer.from("xyz")
    new Uint8Array([7, 8])  new Uint8Array(0)  new Float64Array([1, 2])
    Buffer.alloc(1000, "long")  new DataView(new ArrayBuffer(4))  new ArrayBuffer(4)  number(5)
    logged({})  new String("abc")  { length: 1, 0: 5 }
  `;

const filled = ['0', '1', '90', '200', '50000', '-1', '100.5'].flatMap((size) => [
  ...fills.map((fill) => `Buffer.alloc(${size}, ${fill})`),
  ...['"abc"', '"616263"', '"61626"', '"zz"', '"YWJj"', '"YWI"', '"!"', '""', '"é"'].flatMap(
    (fill) =>
      [...encodings.map((encoding) => `'${encoding}'`), ...badEncodings].map(
        (encoding) => `Buffer.alloc(${size}, ${fill}, ${encoding})`,
      ),
  ),
]);

const lists = forms`
    []  [Buffer.alloc(0)]  [Buffer.from("abc")]  [Buffer.from("abc"), Buffer.from("def")]
    [Buffer.alloc(90, 1), Buffer.alloc(90, 2)]  [Buffer.alloc(5000, 1), new Uint8Array([5])]
    [new Uint8Array(90).fill(3), Buffer.alloc(0), new Uint8Array(1)]
    [Buffer.alloc(2 ** 21, 5), Buffer.from("x")]  undefined  null  5  "abc"  {}
    { length: 1, 0: Buffer.alloc(90) }  Buffer.alloc(90)  [1]  ["abc"]  [Buffer.alloc(90), null]
    [Buffer.alloc(90), undefined]  [Buffer.alloc(90), [1, 2]]
    [Buffer.alloc(90), , Buffer.alloc(3)]  [new Uint16Array(90)]
    [Buffer.alloc(90), new Float64Array(3)]  [{ length: 90 }]
    [Buffer.alloc(90, 1), "x".repeat(90)]  [new Uint8ClampedArray(90)]
    [new DataView(new ArrayBuffer(9))]  Array(3)  new Set([Buffer.alloc(90)])
    [new Uint8Array(new SharedArrayBuffer(90))]  [[Buffer.alloc(90)]]
    [detached(), Buffer.alloc(90, 1)]  [Buffer.alloc(90, 1), detached()]  [detached()]
    [Buffer.alloc(90, 1), detached(), Buffer.alloc(90, 2)]
    logged([Buffer.alloc(90, 3)])  [logged(Buffer.alloc(90))]
    [Buffer.alloc(90, 4).subarray(7), Buffer.alloc(90, 4).subarray(90)]
    Object.defineProperty([Buffer.alloc(90)], 1, { get: () => Buffer.alloc(3, 3) })
    Object.defineProperty([], 0, { get() { log("part"); return Buffer.alloc(90, 3); } })
    (() => { let n = 0; return Object.defineProperty([], 0, { get: () => Buffer.alloc(n++ < 1 ? 90 : 10, 3) }); })()
    (() => { let n = 0; return Object.defineProperty([], 0, { get: () => Buffer.alloc(n++ < 2 ? 90 : 10, 3) }); })()
    (() => { let n = 0; return Object.defineProperty([], 0, { get: () => Buffer.alloc(n++ < 1 ? 10 : 90, 3) }); })()
    (() => { let n = 0; return Object.defineProperty([], 0, { get: () => n++ < 1 ? "text" : log("again") }); })()
    (class extends Array { *[Symbol.iterator]() { log("iterated"); } }).of(Buffer.alloc(90, 1))
  `;

const totals = forms`
    undefined  0  -0  1  3  50  90  91  200  6000  -1  1.5  NaN  "90"  null  true  90n  {}
    Infinity  2 ** 53  Symbol("s")  [90]  number(90)
  `;

const DETACHED =
  'const detached = () => { const x = new Uint8Array(new ArrayBuffer(90)); detach(x.buffer); return x; };';

const concatenations = lists.flatMap((list) => [
  `class X extends Uint8Array { static get [Symbol.species]() { log('species'); return Uint8Array; } }
   ${DETACHED} Buffer.concat([new X(80), ...${list}, new X(80).fill(3)], 100)`,
  `class X extends Uint8Array { constructor(...args) { super(...args); log(typeof args[0], args[0].byteLength); } }
   ${DETACHED} Buffer.concat([new X(80), ...${list}, new X(80).fill(3)], 100)`,
  `${DETACHED} Buffer.concat(${list})`,
  ...totals.map((total) => `${DETACHED} Buffer.concat(${list}, ${total})`),
]);

const indices = [
  '',
  ...forms`
    0  3  -3  90  100  -100  89  3, 9  9, 3  -9, -3  3, -3  0, 0  90, 90  NaN  "3"  1.5  2.9, 7.9
    -1.5  null  undefined, 5  3, undefined  3, null  "x", "y"  Infinity  -Infinity  0, Infinity
    8n  0, 8n  Symbol("s")  3, Symbol("s")  {}  true  number(3, "start"), number(9, "end")
    number(9, "start"), number(3, "end")
  `,
];

const slices = forms`
    Buffer.alloc(90, "abcdefg")  Buffer.from(list(128))  Buffer.alloc(5000, "xyz").subarray(7)
  `.flatMap((buffer) =>
  ['slice', 'subarray'].flatMap((method) =>
    indices.map(
      (range) =>
        `const x = ${buffer}; const y = x.${method}(${range});
           [y, y.byteOffset - x.byteOffset, y.buffer === x.buffer, y.parent === x.parent, y.offset - x.offset]`,
    ),
  ),
);

const oddSlices = ['slice', 'subarray'].flatMap((method) =>
  forms`
      {}  undefined  5  []  new Uint8Array(list(90))  new Float64Array(90)
      new Uint8ClampedArray(90)
    `
    .concat(forms`
        new DataView(new ArrayBuffer(9))  Object.create(Buffer.alloc(90))
        new Proxy(Buffer.alloc(90), {})
      `)
    .concat(['new (class extends Uint8Array {})(list(90))', 'new ArrayBuffer(9)', '"text"'])
    .flatMap((receiver) => [
      `Buffer.prototype.${method}.call(${receiver}, 3, 9)`,
      `Uint8Array.prototype.${method}.call(${receiver}, 3, 9)`,
    ]),
);

const methods = forms`
    x.toString()  x.toString("hex", 3, 9)  x.toJSON()  x.equals(Buffer.from(x))  x.indexOf("cd")
    x.map((n) => n + 1)  x.filter((n) => n > 98)  Uint8Array.prototype.slice.call(x, 3)
    x.compare(x.subarray(1))  x.readUInt32LE(4)  x.readUInt32LE(87)  x.writeDoubleBE(1.5, 8), x
    x.swap16()  x.write("hello", 3), x  x.copy(Buffer.alloc(90), 3)  x.fill("xy", 3, 9)
    x.includes("fg")  x.latin1Slice(0, 5)  x.at(-1)  x.toReversed()  x.with(0, 5)
    [...x.entries()].length  x.sort()  x.toLocaleString()  x.buffer
    Buffer.compare(x, Buffer.alloc(90))  Buffer.byteLength(x)  Buffer.byteLength(x.buffer)
    x.byteOffset  process.getBuiltinModule("util").inspect(x)  new Uint8Array(x)
    Uint8Array.from(x)  x.set(list(3), 9), x  Object.keys(x).length  x.constructor.name
    x instanceof Buffer  x.mine = 5, x  x.parent  x.offset  x.base64Slice(0, 8)
    x.utf8Write("héllo", 2), x  Uint8Array.prototype.subarray.call(x, 3)  x.lastIndexOf("a")
  `.map((use) => `const x = Buffer.alloc(90, "abcdefg"); ${use}`);

const options = { type: 'Uint8Array' };

describe('Buffer', () => {
  itAnswersAsPlain('from text in all encodings answers', fromText, options);
  itAnswersAsPlain('from text in no known encoding answers', fromBadEncoding, options);
  itAnswersAsPlain('from values of all kinds answers', values, options);
  itAnswersAsPlain('from ArrayBuffers answers', fromBuffers, options);
  itAnswersAsPlain('of a size answers', [...allocations, ...aligned], options);
  itAnswersAsPlain('filled with anything answers', filled, options);
  itAnswersAsPlain('concat of anything answers', concatenations, options);
  itAnswersAsPlain('slices answer', slices, options);
  itAnswersAsPlain('slices of what is no Buffer answer', oddSlices, options);
  itAnswersAsPlain('methods answer', methods, options);
  itAnswersAsPlain('what users have put on an array answers', adorned, options);
  itAnswersAsPlain('with methods of users answers', replaced, options);
});
