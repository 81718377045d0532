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

describe.each(typedArrayNames)('other realms and %s', (type) => {
  itAnswersAsPlain('pass arrays to one another', arrays, { type });
  itAnswersAsPlain('may use the getters of one another', getters, { type });
  itAnswersAsPlain('run code on arrays of this one', code, { type });
});
