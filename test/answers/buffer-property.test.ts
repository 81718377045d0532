import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';
import { typedArrayNames } from '../support/outcome.js';

const exact = [
  ...[1, 8, 63, 64, 65, 100, 128, 1000, 4096].map(
    (length) => `const x = new T(${length}); [x, x.buffer, x.buffer.byteLength === x.byteLength]`,
  ),
  ...forms`
    const x = new T(list(90)); x.buffer  const x = new T(new T(list(90))); x.buffer
    const x = T.from(new Set(list(90))); x.buffer
    const x = new T({ length: 90, 5: v(7) }); x.buffer
    const x = new T(list(90)).map((n) => n); x.buffer
    const x = new T(list(90)).filter((n) => n > 4); x.buffer
    const x = new T(list(90)).slice(7); x.buffer  const x = T.of(...list(90)); x.buffer
    const x = new T(2 ** 20 + 5); [x.buffer.byteLength === x.byteLength, x.byteOffset]
    const x = new T(2 ** 17); const y = new T(2 ** 17); [x, y].map((a) => [a.byteOffset, a.buffer.byteLength])
  `,
];

const identity = [
  ...forms`
    const x = new T(100); x.buffer === x.buffer
    const x = new T(100); const y = new T(100); [x.buffer === y.buffer, x.buffer === new T(100).buffer]
    const x = new T(100); [x.subarray(5), x.subarray(100), x.subarray(0, 0), x.subarray(3).subarray(4)].map((y) => y.buffer === x.buffer)
    const x = new T(64); new T(64).fill(v(1)); const end = x.subarray(64); [end.buffer === x.buffer, end.byteOffset, end]
    const x = new T(64); const y = new T(64); const start = y.subarray(0, 0); [start.buffer === y.buffer, start.byteOffset]
  `,
  // Up to the last byte of chunks and slabs.
  ...forms`
    const all = []; for (let i = 0; i < 48; i++) { const x = new T(65536 / T.BYTES_PER_ELEMENT); const end = x.subarray(x.length); all.push([end.byteOffset, end.buffer === x.buffer]); } all
    const all = []; for (let i = 0; i < 6; i++) { const x = new T(2 ** 20 / T.BYTES_PER_ELEMENT); const end = x.subarray(x.length); all.push([end.byteOffset, end.buffer === x.buffer]); } all
    const part = new T(100).subarray(50); const again = part.subarray(1); [part.byteOffset, part.buffer === again.buffer, part.buffer.byteLength]
    const x = new T(100); new T(x.buffer).buffer === x.buffer
    const x = new T(100); new DataView(x.buffer).buffer === x.buffer
    const x = new T(100); Buffer.from(x.buffer).buffer === x.buffer
    const x = new T(100); x.slice().buffer === x.buffer
    const x = new T(100); x.buffer.mark = 5; [x.buffer.mark, x.subarray(3).buffer.mark, new T(100).buffer.mark, x.buffer]
    const x = new T(100); Object.freeze(x.buffer); [Object.isFrozen(x.buffer), (x[0] = v(5), x[0])]
    const x = new T(100); class Marked extends ArrayBuffer {}; Object.setPrototypeOf(x.buffer, Marked.prototype); x.buffer instanceof Marked
    const x = new T(100); const map = new Map([[x.buffer, 1]]); const weak = new WeakMap([[x.buffer, 2]]); [map.get(x.subarray(1).buffer), weak.get(x.buffer)]
  `,
];

const writes = forms`
    const x = new T(list(90)); new Uint8Array(x.buffer).fill(1); x
    const x = new T(list(90)); new Uint8Array(x.buffer, x.byteOffset, x.byteLength).fill(1, 5, 9); x
    const x = new T(list(90)); const bytes = new Uint8Array(x.buffer); x[0] = v(77); bytes
    const x = new T(list(90)).subarray(10, 20); new Uint8Array(x.buffer, x.byteOffset, x.byteLength).fill(1); [x, new T(x.buffer)]
    const x = new T(list(90)); new DataView(x.buffer, x.byteOffset, x.byteLength).setUint16(3, 0xabcd); x
    const x = new T(list(90)); const view = new DataView(x.buffer, 8, 8); x.fill(v(3)); [view.getUint8(0), view.byteOffset, view.byteLength, view.buffer === x.buffer]
    const [before, x, after] = [new T(list(90)), new T(90), new T(list(90))]; new Uint8Array(x.buffer).fill(255); [before, after]
    const x = new T(90); [new T(list(90)), new T(list(90))]; new Uint8Array(x.buffer)
    new DataView(new T(90).buffer).getUint8(90 * T.BYTES_PER_ELEMENT)
    new Uint8Array(new T(90).buffer, 0, 90 * T.BYTES_PER_ELEMENT + 1)
    new Uint8Array(new T(90).buffer)[90 * T.BYTES_PER_ELEMENT]
    const x = new T(list(90)); x.buffer.slice(8, 24)
    const x = new T(list(90)); x.subarray(4).buffer.slice(0, 16)
    const x = new T(list(90)); x.buffer.slice()  const x = new T(90); x.buffer.resize?.(5)
    const x = new T(90); [x.buffer.resizable, x.buffer.maxByteLength, x.buffer.detached]
    const x = new T(list(90)); const copy = x.buffer.transfer?.(); copy
    const x = new T(list(90)); const bytes = new Uint8Array(x.buffer); Atomics.add(bytes, 0, 5); Atomics.load(bytes, 0)
    process.getBuiltinModule("util").inspect(new T(list(90)).buffer)
    Object.prototype.toString.call(new T(90).buffer)
    const x = new T(90); [x.buffer instanceof ArrayBuffer, x.buffer.constructor === ArrayBuffer, Object.getPrototypeOf(x.buffer) === ArrayBuffer.prototype]
    "use strict"; new T(90).buffer.byteLength = 5
    "use strict"; new T(90).buffer = new ArrayBuffer(8)  "use strict"; new T(90).byteOffset = 5
  `;

const librariesDo = [
  // pngjs, fast-png, hyparquet, geotiff
  ...forms`
    const x = Buffer.from(list(50000).map(Number)); const y = new Uint8Array(x.buffer, x.byteOffset, x.length); y[1] = 99; [x, y]
    const x = Buffer.alloc(5000, "abc"); const y = new Uint16Array(x.buffer, x.byteOffset, x.length / 2); y
    const x = Buffer.alloc(5000, "abc"); const view = new DataView(x.buffer, x.byteOffset, x.byteLength); [view.getUint32(4996), view.byteLength]
    const x = Buffer.alloc(5000, "abc").subarray(7); const y = new Uint8Array(x.buffer, x.byteOffset, x.length); [y, x.byteOffset]
    const x = Buffer.alloc(5000, "abc"); x.buffer.slice(x.byteOffset, x.byteOffset + x.byteLength)
    const x = Buffer.alloc(5000, "abc"); new Uint8Array(x.buffer)
    const x = Buffer.alloc(5000, "abc"); [x.parent === x.buffer, x.offset, x.slice(3).offset, x.slice(3).parent === x.buffer]
    const x = new T(list(90)); Buffer.from(x.buffer, x.byteOffset, x.byteLength)
    const x = new T(list(90)).subarray(3); Buffer.from(x.buffer, x.byteOffset, x.byteLength)
    const x = new T(list(90)); const y = Buffer.from(x.buffer); y[0] = 44; [x, y.byteOffset, y.buffer === x.buffer]
    const x = new T(list(90)); Buffer.from(x.buffer, 8, 8).toString("hex")
    const x = new T(list(90)); Buffer.from(x.buffer, 100000)
    const x = new T(list(90)); Buffer.from(x.buffer, 0, 100000)
    const x = new T(list(900)); const text = new TextDecoder("latin1").decode(x.subarray(5, 20)); text
    const x = new T(list(90)); const y = new T(x.buffer, x.byteOffset, x.length); y[3] = v(8); x
    const x = new T(list(90)); const y = new T(x.buffer.slice(x.byteOffset, x.byteOffset + x.byteLength)); y
    const x = new T(list(90)); process.getBuiltinModule("util").isDeepStrictEqual(x, new T(list(90)))
    const x = new T(list(90)); process.getBuiltinModule("util").isDeepStrictEqual(x.buffer, new T(list(90)).buffer)
    const x = new T(list(90)); [...process.getBuiltinModule("v8").deserialize(process.getBuiltinModule("v8").serialize(x))]
    const x = new T(list(90)); structuredClone(x)
    const x = new T(list(90)); structuredClone(x.subarray(4, 9))
    const x = new T(list(90)); structuredClone([x, x.buffer, new DataView(x.buffer, 8)])
    const x = new T(list(90)); Object.groupBy?.([1], () => x.buffer)
  `,
];

const receivers = forms`
    undefined  null  5  "x"  Symbol("s")  {}  []  () => {}  T.prototype  new ArrayBuffer(8)
    new DataView(new ArrayBuffer(8))  new Proxy(new T(100), {})  Object.create(new T(100))
    new Map()  globalThis  8n  new (class A {})()  new T(100)  new T(100).subarray(5)
    new T(new SharedArrayBuffer(800), 8)  Buffer.alloc(100)  new T(detach(new ArrayBuffer(0)))
    new (otherRealm()[T.name])(100)  new T(0)  otherRealm()[T.name].prototype
    (() => { const x = new T(new ArrayBuffer(800), 8); detach(x.buffer); return x; })()
    (() => { const b = new ArrayBuffer(800, { maxByteLength: 1600 }); const x = new T(b, 8); b.resize?.(16); return x; })()
    (() => { const b = new ArrayBuffer(800, { maxByteLength: 1600 }); const x = new T(b, 80, 8); b.resize?.(16); return x; })()
  `;

const getters = ['buffer', 'byteOffset', 'byteLength', 'length']
  .flatMap((name) =>
    receivers.flatMap((receiver) => [
      `const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(T.prototype), '${name}'); get.call(${receiver})`,
      `(${receiver})?.${name}`,
    ]),
  )
  .filter((program) => !program.startsWith('(globalThis)'));

describe.each(typedArrayNames)('.buffer of a %s', (type) => {
  itAnswersAsPlain('is exactly its bytes', exact, { type });
  itAnswersAsPlain('is one object for all its views', identity, { type });
  itAnswersAsPlain('shares its bytes with the array and with no other', writes, { type });
  itAnswersAsPlain('serves what libraries do with it', librariesDo, { type });
  itAnswersAsPlain('can be asked of anything, which answers', getters, { type });
});
