import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';
import { SERVES_ARRAY_BUFFERS } from '../support/served.js';

// Of slabs of its own, and in one that others share.
const LARGE = 2 ** 21 + 8;
const MEDIUM = 200_008;

function ofBothSizes(programs: readonly string[]): string[] {
  return programs.flatMap((program) => {
    const medium = program.replaceAll(String(LARGE), String(MEDIUM));
    return medium === program ? [program] : [program, medium];
  });
}

const constructions = [
  '',
  ...forms`
    undefined  null  0  -0  1  8  100  1.5  -0.5  -1  NaN  '8'  'x'  true  8n  Symbol('s')  {}  []
    [8]  number(16)  2 ** 53  2 ** 53 - 1  Infinity
  `,
  ...['2 ** 20', '2 ** 20 + 1', '2 ** 21', `${LARGE}`, `${LARGE}.5`, `'${LARGE}'`, '3 * 2 ** 20'],
  `number(${LARGE})`,
  ...forms`
      undefined  null  5  "x"  {}  []  { maxByteLength: undefined }  () => {}
    `.flatMap((options) => [`8, ${options}`, `${LARGE}, ${options}`]),
  ...forms`
      16  8  7  -1  '16'  NaN  2 ** 53  null  16n  Symbol('s')  1.5  0
    `.flatMap((most) => [`8, { maxByteLength: ${most} }`, `${LARGE}, { maxByteLength: ${most} }`]),
  `${LARGE}, { maxByteLength: ${2 * LARGE} }`,
  ...forms`
    8, { get maxByteLength() { log("asked"); return 16; } }
    number(8), { get maxByteLength() { log("asked"); return 16; } }
  `,
  `${LARGE}, { get maxByteLength() { log("asked"); return 2 ** 22; } }`,
  ...forms`
    8, { get maxByteLength() { throw new RangeError("asked"); } }
    8, logged({ maxByteLength: 16 })
  `,
].map((args) => `new ArrayBuffer(${args})`);

const objects = [
  ...forms`
    ArrayBuffer.name  ArrayBuffer.length  String(ArrayBuffer)  Reflect.ownKeys(ArrayBuffer)
    Object.getOwnPropertyDescriptors(ArrayBuffer)  Object.getPrototypeOf(ArrayBuffer)
    Object.getOwnPropertyDescriptor(globalThis, "ArrayBuffer")  ArrayBuffer()  ArrayBuffer(8)
    ArrayBuffer[Symbol.species] === ArrayBuffer  ArrayBuffer.prototype.constructor === ArrayBuffer
    Object.getOwnPropertyDescriptors(ArrayBuffer.prototype)  ArrayBuffer.call({}, 8)
    process.getBuiltinModule("util").inspect(ArrayBuffer)  Object.keys(ArrayBuffer)
  `,
  `Reflect.ownKeys(ArrayBuffer.prototype).map((key) => {
     const { get, value } = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, key);
     const code = get ?? value;
     return typeof code !== 'function' ? key : [key, code.name, code.length, String(code)];
   })`,
  ...['{}', '[]', '5', 'null', 'new SharedArrayBuffer(8)', 'new DataView(new ArrayBuffer(8))'].map(
    (value) => `(${value}) instanceof ArrayBuffer`,
  ),
  ...forms`
    new (otherRealm().ArrayBuffer)(8) instanceof ArrayBuffer
    new ArrayBuffer(8) instanceof ArrayBuffer
    new WebAssembly.Memory({ initial: 1 }).buffer instanceof ArrayBuffer
    new WebAssembly.Memory({ initial: 1 }).buffer.constructor === ArrayBuffer
    Object.create(ArrayBuffer.prototype) instanceof ArrayBuffer
  `,
  ...forms`
      new ArrayBuffer(8)  new Float64Array(100)  Buffer.alloc(100)
      new DataView(new ArrayBuffer(8))
    `
    .concat(['{}', 'undefined', 'new Proxy(new Float64Array(100), {})', 'null', '[]'])
    .map((value) => `ArrayBuffer.isView(${value})`),
  'ArrayBuffer.isView()',
  ...['byteLength', 'slice', 'resizable', 'maxByteLength'].flatMap((name) =>
    forms`
        {}  5  undefined  new SharedArrayBuffer(8)  new Float64Array(100)  ArrayBuffer.prototype
      `.map(
      (receiver) =>
        `Reflect.get(ArrayBuffer.prototype, '${name}', ${receiver})?.call?.(${receiver}, 1)`,
    ),
  ),
];

// Not those that notice how often `prototype` is read: once more than in plain Node (before 26).
const newTargets = forms`
    class extends ArrayBuffer {}  class {}  function () {}  Float64Array  otherRealm().ArrayBuffer
    Object  ArrayBuffer.bind(null)  () => {}  null  Array
    Object.assign(function () {}, { prototype: null })
    Object.assign(new (otherRealm().Function)(), { prototype: 5 })
  `.flatMap((target) =>
  ['8', `${LARGE}`, '-1', '8, { maxByteLength: 16 }'].map(
    (args) => `const target = ${target}; Reflect.construct(ArrayBuffer, [${args}], target)`,
  ),
);

const buffer = `const x = new ArrayBuffer(${LARGE}); new Uint8Array(x).fill(7, 0, 50).fill(9, ${LARGE} - 5);`;

const uses = [
  ...[
    '',
    ...forms`
      8  8, 24  -8  0, -8
    `,
    `${LARGE}`,
    ...forms`
      5, 2  NaN  '8'  8n  number(8), number(16)
    `,
  ].map((range) => `${buffer} x.slice(${range})`),
  ...['undefined', 'null', '5', '{}', 'Array', 'Object'].map(
    (species) => `${buffer} x.constructor = { [Symbol.species]: ${species} }; x.slice(8, 16)`,
  ),
  `${buffer} x.constructor = { [Symbol.species]: class extends ArrayBuffer {} }; x.slice(8)`,
  `${buffer} x.constructor = { [Symbol.species]: function (n) { log(n); return x; } }; x.slice(8)`,
  `${buffer} x.constructor = { [Symbol.species]: function () { return new ArrayBuffer(1); } }; x.slice(8)`,
  `${buffer} x.constructor = undefined; x.slice(8)`,
  `${buffer} x.constructor = 5; x.slice(8)`,
  `${buffer} [x.byteLength, x.resizable, x.maxByteLength, x.detached, Object.keys(x)]`,
  `${buffer} x.resize?.(8)`,
  `${buffer} x.resize?.(${LARGE})`,
  `${buffer} x.mine = 5; [x.mine, new Uint8Array(x).buffer.mine]`,
  `${buffer} new Uint8Array(x, 8).subarray(1).buffer === x`,
  `${buffer} new Float64Array(x, 8, 100)`,
  `${buffer} new DataView(x, 40, 20).getUint8(9)`,
  `${buffer} new DataView(x, ${LARGE}, 1)`,
  `${buffer} Buffer.from(x, 40, 20)`,
  `${buffer} const y = Buffer.from(x); [y.length, y.buffer === x]`,
  `${buffer} process.getBuiltinModule('util').inspect(x)`,
  `${buffer} 'use strict'; Object.assign(Object.freeze(x), { a: 1 })`,
  `${buffer} Map.prototype.get.call(x, 1)`,
  ...forms`
    Map.prototype.get.call(new ArrayBuffer(8), 1)  "use strict"; new ArrayBuffer(8).byteLength = 5
    new ArrayBuffer(8).nothing()
  `,
  `class X extends ArrayBuffer { own = 5; get secret() { return 1; } }
   const x = new X(${LARGE}); [x instanceof X, x.own, x.secret, x.byteLength, x.slice(8) instanceof X]`,
  `class X extends ArrayBuffer { static get [Symbol.species]() { log('species'); return ArrayBuffer; } }
   const x = new X(${LARGE}); x.slice(8) instanceof X`,
  `class X extends ArrayBuffer { constructor(n, o) { log(n, o); super(n * 2, o); } } new X(8)`,
  `const x = new ArrayBuffer(${LARGE}); new Uint8Array(x).every((byte) => byte === 0)`,
];

const transfers = [
  '',
  ...forms`
    8  0
  `,
  `${LARGE}`,
  `${2 * LARGE}`,
  ...forms`
    -1  '8'  NaN  8n  2 ** 53  number(8)
  `,
]
  .flatMap((size) =>
    ['transfer', 'transferToFixedLength'].flatMap((name) => [
      `${buffer} const y = x.${name}?.(${size}); y && [y, x.byteLength, x.detached, new Uint8Array(y).every((b) => b < 10)]`,
      `const x = new Float64Array(100).fill(1.5); const { buffer } = x; const y = buffer.${name}?.(${size}); y`,
      `const x = new ArrayBuffer(16, { maxByteLength: 64 }); const y = x.${name}?.(${size}); [x, y]`,
    ]),
  )
  .concat([
    `${buffer} x.transfer?.(); x.transfer?.()`,
    `${buffer} x.transfer?.(); x.slice?.(1)`,
    `${buffer} const view = new Uint8Array(x); x.transfer?.(); [view.length, view[0]]`,
    `${buffer} if (x.transfer) { x.transfer(); new Uint8Array(x); }`,
    `${buffer} if (x.transfer) { x.transfer(); x.byteLength }`,
    ...['{}', '5', 'undefined', 'new SharedArrayBuffer(8)', 'new Float64Array(100)'].map(
      (receiver) => `ArrayBuffer.prototype.transfer?.call(${receiver})`,
    ),
  ]);

const resizable = forms`
    const x = new ArrayBuffer(800, { maxByteLength: 1600 }); const a = new Float64Array(x); x.resize(1600); [a.length, x.byteLength]
    const x = new ArrayBuffer(800, { maxByteLength: 1600 }); const a = new Float64Array(x, 8); x.resize(4); [a.length, a.byteOffset, a.byteLength]
    const x = new ArrayBuffer(800, { maxByteLength: 1600 }); x.resize(1601)
    const x = new ArrayBuffer(800, { maxByteLength: 1600 }); new Float64Array(new Float64Array(x))
    const x = new ArrayBuffer(800, { maxByteLength: 1600 }); const a = new Float64Array(x); a.subarray(3)
    const x = new ArrayBuffer(800, { maxByteLength: 1600 }); const a = new Float64Array(x); const b = a.subarray(3); x.resize(1600); [b.length, b.byteOffset]
    const x = new SharedArrayBuffer(800, { maxByteLength: 1600 }); const a = new Float64Array(x); x.grow(1600); a.slice(3)
  `;

// Without ArrayBuffers there is nothing in these programs that comes from an arena.
const NOTHING_ELSE = { allocateNothing: !SERVES_ARRAY_BUFFERS };

// Where it is replaced, the first is told once more than in plain Node, the second although V8 refuses.
const watchedTargets = ['8', '1, { maxByteLength: 0 }', '-1'].map(
  (args) =>
    `const target = Object.defineProperty(function () {}.bind(), 'prototype', { get() { log('asked'); return null; } });
     Reflect.construct(ArrayBuffer, [${args}], target).constructor`,
);

describe('ArrayBuffer', () => {
  if (!SERVES_ARRAY_BUFFERS) {
    itAnswersAsPlain('looks at new.target', watchedTargets, { allocateNothing: true });
  }
  itAnswersAsPlain('new answers', ofBothSizes(constructions), NOTHING_ELSE);
  itAnswersAsPlain('looks and tells what belongs to it', objects);
  itAnswersAsPlain('answers Reflect.construct with any new.target', ofBothSizes(newTargets), {
    allocateNothing: true,
  });
  itAnswersAsPlain('of any size serves', ofBothSizes(uses), NOTHING_ELSE);
  itAnswersAsPlain('transfer answers', ofBothSizes(transfers));
  itAnswersAsPlain('of changing size serves', resizable);
});
