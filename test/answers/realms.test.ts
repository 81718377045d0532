import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';
import { typedArrayNames } from '../support/outcome.js';

const foreign =
  'const { [T.name]: F, ArrayBuffer: ForeignBuffer, Array: ForeignList } = otherRealm();';

const arrays = forms`
    new F(100)  F.from(list(100))  new T(F.from(list(100)))  new F(new T(list(100)))
    new T(new F(0))  new F(new T(list(100)).buffer, 8, 2)
    new F(new T(list(100)).subarray(7).buffer)  new T(new F(list(100)).buffer)
    new T(new ForeignBuffer(800), 8)  new F(new ArrayBuffer(2 ** 21), 8, 9)
    new T(ForeignList.from(list(90)))  new T(new ForeignList(90))  new F(list(90))
    const x = new F(list(90)); [x.slice(1), x.subarray(1), x.subarray(90), x.map((n) => n), x.filter((n) => n > 4)]
    const x = new T(list(90)); [F.prototype.slice.call(x, 1), F.prototype.map.call(x, (n) => n)]
    const x = new F(list(90)); [T.prototype.slice.call(x, 1), T.prototype.map.call(x, (n) => n)]
    const x = new F(list(90)); [T.prototype.subarray.call(x, 1), T.prototype.subarray.call(x, 90)]
    const x = new T(list(90)); [F.prototype.subarray.call(x, 1), F.prototype.subarray.call(x, 90), F.prototype.subarray.call(x)]
    const x = new T(list(90)); const y = F.prototype.subarray.call(x, 90); [y.buffer === x.buffer, y.byteOffset, new T(y.buffer)]
    class X extends T { constructor(...args) { super(...args); log(args.map((arg) => arg?.byteLength ?? arg)); } }; F.prototype.subarray.call(new X(90), number(1), number(8))
    F.prototype.subarray.call(5)  F.prototype.subarray.call(new F(list(90)), 3, -2)
    const x = new T(90); x.set(F.from(list(80)), 3); x
    const x = new F(90); x.set(new T(list(80)), 3); x
    const x = new T(list(90)); [x instanceof F, F.from(x) instanceof T, x.constructor === F]
    const x = F.from.call(T, list(90)); [x, x instanceof T]
    const x = T.from.call(F, list(90)); [x, x instanceof F]  T.of.call(F, v(1), v(2))
    Reflect.construct(T, [100], F)  Reflect.construct(F, [100], T)
    Reflect.construct(F, [list(90)], T).subarray(3, 5)
    Reflect.construct(F, [list(90)], T).buffer.byteLength
    class X extends F {}; const x = new X(list(90)); [x, x.subarray(1), x.slice(1)]
    const x = new T(list(90)); x.constructor = F; [x.slice(1), x.map((n) => n)]
    const x = new F(list(90)); x.constructor = T; [x.slice(1), x.map((n) => n), x.subarray(1)]
    const x = new T(list(90)); x.constructor = { [Symbol.species]: F }; [x.slice(1), x.subarray(5, 9)]
    const x = new F(list(90)); x.constructor = { [Symbol.species]: T }; [x.slice(1), x.subarray(5, 9)]
    Buffer.from(new F(list(90)))  Buffer.from(new F(list(90)).buffer, 8, 3)
    Buffer.from(ForeignList.of(1, 2, 3))
    Buffer.concat(ForeignList.of(Buffer.alloc(80, 1), Buffer.alloc(3, 2)))
    Buffer.concat([new (otherRealm().Uint8Array)(80).fill(3), Buffer.alloc(3, 2)])
    Buffer.alloc(90, new (otherRealm().Uint8Array)([1, 2, 3]))
    new F(new T(list(90)).buffer).subarray(85).set(list(3)); 1
    ArrayBuffer.isView(new F(9)) && ArrayBuffer.prototype.slice.call(new ForeignBuffer(80), 8)
    structuredClone(new F(list(90)))  new F(list(90)).buffer instanceof ArrayBuffer
    const x = new F(100); [x.buffer === x.subarray(3).buffer, x.buffer instanceof ForeignBuffer]
  `.map((program) => `${foreign} ${program}`);

const getters = ['buffer', 'byteOffset']
  .flatMap((name) => [
    `const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(T.prototype), '${name}');
   get.call(new F(list(90)).subarray(7))`,
    `const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(T.prototype), '${name}');
   get.call(new F(new ForeignBuffer(800), 16))`,
    `const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(T.prototype), '${name}');
   get.call(new F(new T(list(90)).buffer, 16))`,
    `const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(F.prototype), '${name}');
   get.call(new T(new T(list(90)).buffer, 16))`,
  ])
  .map((program) => `${foreign} ${program}`);

const code = forms`
    process.getBuiltinModule("vm").runInNewContext("new Float64Array(x).length", { x: new T(list(90)).buffer })
    process.getBuiltinModule("vm").runInNewContext("[x.buffer.byteLength, x.byteOffset, x.subarray(3).byteOffset, x[5]]", { x: new T(list(90)) })
    process.getBuiltinModule("vm").runInNewContext("x.slice(3)", { x: new T(list(90)) })
    process.getBuiltinModule("vm").runInNewContext("new F(90)", { F: T })
    process.getBuiltinModule("vm").runInNewContext("class X extends F {}; new X(90)", { F: T })
    process.getBuiltinModule("vm").runInNewContext("x instanceof F", { F: T, x: new T(90) })
    process.getBuiltinModule("vm").runInNewContext("x instanceof Object", { x: new T(90) })
    process.getBuiltinModule("vm").runInThisContext("(T) => new T(90)")(T)
    process.getBuiltinModule("vm").runInNewContext("new Uint8Array(x.buffer, x.byteOffset, x.byteLength)", { x: new T(list(90)).subarray(5) })
  `;

// The text of an error of structuredClone; its stack shows where it was called.
const refusal =
  'const refusal = (fn) => { try { return fn(); } catch ({ name, message }) { return [name, message]; } };';

const messages = forms`
    structuredClone(process.getBuiltinModule("vm").runInNewContext("({ x, list: [x, x.subarray(3)] })", { x: new T(list(90)) }))
    const c = structuredClone(new (otherRealm().Map)([[new T(list(90)), new F(list(80))]])); [...c]
    const c = structuredClone(new (otherRealm().Set)([new T(list(90)), new F(list(80))])); [...c]
    structuredClone(new (otherRealm().Error)("x", { cause: new T(list(90)) })).cause
    structuredClone(otherRealm().Object.assign(otherRealm().Object.create(null), { x: new T(list(90)) }))
    structuredClone(Object.create(new (otherRealm().Object)(), { x: { value: new T(list(90)), enumerable: true } }))
    structuredClone(new F(new T(list(90)).buffer, 8, 3))
    const e = new DOMException("stopped", "AbortError"); e.cause = new T(list(90)); const c = structuredClone({ e, x: new T(90) }); [c.e.name, c.e.message, c.e.code, c.e.constructor.name, "cause" in c.e, c.x]
    const e = new DOMException("stopped", { name: "AbortError", cause: { x: new T(list(90)) } }); const c = structuredClone([e, e]); [c[0].name, c[0].message, c[0].constructor.name, "cause" in c[0], c[0] === c[1], new T(list(90))]
    const e = Object.assign(new Error("x", { cause: new DOMException("y", { cause: new T(list(90)) }) }), { stack: "" }); const c = structuredClone(e); [c.message, c.cause?.name, c.cause?.message, c.cause?.constructor.name]
    structuredClone({ x: new T(list(90)), y: new (otherRealm().DataView)(new T(list(90)).buffer, 8, 9) })
    const x = new T(list(90)); const { buffer } = x; const c = structuredClone([new F(buffer, 8, 3), x], { transfer: [buffer] }); [c[0].buffer === c[1].buffer, c, buffer.byteLength]
    const x = new T(list(90)); const y = new F(list(80)).buffer; const c = structuredClone([x, y], { transfer: [y] }); [c, y.byteLength]
    refusal(() => structuredClone({ x: new T(list(90)), f: otherRealm().Function("return 1") }))
    refusal(() => structuredClone({ x: new T(list(90)), f: otherRealm().Symbol.iterator }))
  `.map((program) => `${foreign} ${refusal} ${program}`);

const untouched = forms`
    const s = new SharedArrayBuffer(800); const x = new T(s, 8, 9); const c = structuredClone({ x, s, y: new T(list(90)) }); [c.x, c.s, c.x.buffer === c.s, c.y]
    const s = new SharedArrayBuffer(800); const x = new T(s); const c = structuredClone([x, new T(list(90))]); c[0].set(list(9)); [x, c[0].buffer === s]
    const s = new SharedArrayBuffer(800, { maxByteLength: 1600 }); const c = structuredClone([new T(s), new T(list(90))]); s.grow?.(1600); [c[0].length, c[1]]
    const r = new ArrayBuffer(800, { maxByteLength: 1600 }); const c = structuredClone({ r, x: new T(r), y: new T(list(90)) }); r.resize?.(1600); [c.r, c.x, c.y]
    const r = new ArrayBuffer(800, { maxByteLength: 1600 }); const c = structuredClone([r, new T(list(90))], { transfer: [r] }); [c, r.byteLength]
    const s = new SharedArrayBuffer(800); refusal(() => structuredClone([s, new T(list(90))], { transfer: [s] }))
    const s = new SharedArrayBuffer(800); const x = new T(s); [x.slice(3), x.map((n) => n), x.subarray(3), x.buffer === s]
    const s = new SharedArrayBuffer(800); [Buffer.from(s, 3, 90), Buffer.concat([new Uint8Array(s), Buffer.alloc(9, 1)]), Buffer.from(new Uint8Array(s))]
    const s = new SharedArrayBuffer(800); const x = new Int32Array(s); [Atomics.add(x, 0, 5), Atomics.load(x, 0), Atomics.notify(x, 0), Atomics.wait(x, 0, 0, 0)]
    Atomics.wait(new Int32Array(new T(list(90)).buffer.slice(0, 8)), 0, 0, 0)
    new TextDecoder().decode(new Uint8Array(new SharedArrayBuffer(90)).fill(65))
    process.getBuiltinModule("v8").serialize(new SharedArrayBuffer(90))
    process.getBuiltinModule("v8").deserialize(process.getBuiltinModule("v8").serialize(new T(new ArrayBuffer(800, { maxByteLength: 1600 })))).length
    const m = new WebAssembly.Memory({ initial: 1 }); const x = new T(m.buffer, 8, 90); x.set(list(90)); const y = [x.slice(3, 9), x.subarray(3, 9), structuredClone(x).buffer.byteLength]; m.grow(1); [y[0], y[1].length, y[2], x.length]
    const m = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }); const x = new T(m.buffer, 8, 90); x.set(list(90)); [x.slice(3, 9), structuredClone([x, new T(list(90))])[1]]
    const { port1, port2 } = new MessageChannel(); const c = structuredClone({ port1, x: new T(list(90)) }, { transfer: [port1] }); port2.close(); [c.x, c.port1 instanceof MessagePort]
    const { port1, port2 } = new MessageChannel(); port2.close(); refusal(() => structuredClone({ port1, x: new T(list(90)) }))
  `.map((program) => `${refusal} ${program}`);

describe.each(typedArrayNames)('other realms and %s', (type) => {
  itAnswersAsPlain('pass arrays to one another', arrays, { type });
  itAnswersAsPlain('may use the getters of one another', getters, { type });
  itAnswersAsPlain('run code on arrays of this one', code, { type });
});

describe.each(['Uint8Array', 'Float64Array', 'BigInt64Array'])('beside a %s', (type) => {
  itAnswersAsPlain('shared, resizable and foreign memory passes through', untouched, { type });
  itAnswersAsPlain('messages bring what comes from other realms', messages, { type });
});
