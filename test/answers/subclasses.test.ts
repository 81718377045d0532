import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';
import { typedArrayNames } from '../support/outcome.js';

const definitions = forms`
    class X extends T {}
    class X extends T { own = [1]; #secret = 5; get secret() { return this.#secret; } }
    class X extends T { constructor(...args) { log("made with", args); super(...args); log(new.target === X); } }
    class X extends T { constructor(n) { super(n); this.tag = n?.length; } static made = 0; }
    class X extends T { constructor(...args) { super(...args); return new T(70); } }
    class X extends T { constructor(a, b, c) { super(b === undefined ? a : 0); } }
    class X extends T { static get [Symbol.species]() { log("species"); return T; } }
    class X extends T { static get [Symbol.species]() { return Uint8Array; } }
    class X extends T { static get [Symbol.species]() { return undefined; } }
    class X extends T { static [Symbol.species] = Array }
    class X extends T { get length() { log("length"); return 3; } }
    class X extends T { get buffer() { log("buffer"); return super.buffer; } get byteOffset() { return super.byteOffset; } }
    class X extends T { set(...args) { log("set"); return super.set(...args); } subarray(...args) { log("subarray"); return super.subarray(...args); } }
    class X extends T { static from(...args) { log("from"); return super.from(...args); } }
    class Y extends T { one = 1 } class X extends Y { two = 2 }
    function X(...args) { return Reflect.construct(T, args, new.target ?? X); } X.prototype = Object.create(T.prototype); Object.setPrototypeOf(X, T)
    const X = T.bind(null)  const X = class extends (logged(T)) {}
    class X extends (otherRealm()[T.name]) {}
  `;

const uses = forms`
    new X()  new X(100)  new X(0)  new X(-1)  new X("x")  new X(list(3))  new X(list(90))
    new X(new Set(list(90)))  new X({ length: 90, 1: v(4) })  X.length  new X(new T(list(90)))
    new X(new X(list(90)))  new X(new ArrayBuffer(800), 8, 3)  new X(new ArrayBuffer(800), 801)
    X.from(list(90))  X.of(v(1), v(2))  X.of?.(...list(90))  X.BYTES_PER_ELEMENT  X.name
    Object.getPrototypeOf(X) === T  X.made  X.from({ length: 90 }, (_, i) => v(i))
    const x = new X(list(90)); [x instanceof X, x instanceof T, x instanceof Uint8Array, x.constructor === X]
    const x = new X(list(90)); Object.prototype.toString.call(x) + x[Symbol.toStringTag]
    const x = new X(list(90)); [x.own, x.secret, x.tag, x.one, x.two, Object.keys(x).slice(90)]
    slice(2, 5)  slice()  subarray(2, 5)  subarray(90)  subarray(3, 3)  map((n) => n)
  `.map((use) =>
  /^[a-z]+\(.*\)$/.test(use)
    ? `const x = new X(list(90)); const y = x.${use}; [y, y.constructor === X, y.buffer === x.buffer]`
    : use,
);

const methods = forms`
    filter((n) => n > 4)  toSorted()  toReversed()  with(1, v(5))  subarray(1).subarray(2)
    fill(v(1))  reverse()  sort()  join()  set(list(3), 4)  at(-1)  values().next()
  `.map((method) => `const x = new X(list(90)); const y = x.${method}; [x, y]`);

const programs = definitions.flatMap((definition) =>
  [...uses, ...methods].map((use) => `${definition}; ${use}`),
);

const further = [
  `class Vector extends T {
     constructor(x, y) { super(16); this[0] = x; this[1] = y; }
     static get [Symbol.species]() { return T; }
     plus(other) { return new Vector(this[0] + other[0], this[1] + other[1]); }
   }
   new Vector(v(1), v(2)).plus(new Vector(v(3), v(4)))`,
  `class Vector extends T { constructor(x, y) { super(16); this[0] = x; } }
   new Vector(v(1)).map((n) => n)`,
  `class Ring extends T {
     constructor(buffer, offset, length) { super(buffer, offset, length); this.seen = this.buffer.byteLength; }
   }
   const ring = new Ring(new T(100).buffer, 16, 2); const part = ring.subarray(1);
   [ring, part, part.buffer === ring.buffer]`,
  `class Part extends T { constructor(...args) { super(...args); this.bytes = this.buffer.byteLength; } }
   new Part(list(100)).subarray(10, 20)`,
  `class Part extends T {
     constructor(...args) { super(...args); if (args[0] instanceof ArrayBuffer) new Uint8Array(args[0]).fill(1); }
   }
   const [before, x, after] = [new T(list(90)), new Part(list(90)), new T(list(90))];
   x.subarray(3, 5); [before, x, after]`,
  ...forms`
    class Late extends T { constructor() { const made = () => super(100); made(); } } new Late()
    class Never extends T { constructor() {} } new Never()
    class Twice extends T { constructor() { super(100); super(100); } } new Twice()
    class Field extends T { sum = this.reduce((a, b) => a + b); } new Field(list(90)).sum
    const X = (class extends T {}); Object.setPrototypeOf(X, Uint8Array); new X(100)
    class X extends T {} ; Object.setPrototypeOf(X.prototype, Array.prototype); new X(100).length
    class X extends T {} ; X.prototype.constructor = T; new X(list(90)).slice(1)
    class X extends T {} ; const x = new X(100); Object.setPrototypeOf(x, T.prototype); x.subarray(1)
    const x = new T(100); Object.setPrototypeOf(x, (class extends T {}).prototype); x.subarray(1)
    const x = new T(list(90)); Object.setPrototypeOf(x, Uint8Array.prototype); x
  `,
];

describe.each(typedArrayNames)('subclasses of %s', (type) => {
  itAnswersAsPlain('answer', programs, { type });
  itAnswersAsPlain('in unusual forms answer', further, { type });
});

const ofBuffers = forms`
    class X extends Buffer {}; new X(100)
    class X extends Uint8Array {}; Buffer.from(new X(list(90)))
    class X extends Uint8Array {}; Buffer.concat([new X(list(90)), new X(3)])
    class X extends Uint8Array { toString() { return "x"; } }; String(new X(list(90)))
    function Old(n) { const x = Buffer.alloc(n); Object.setPrototypeOf(x, Old.prototype); return x; } Object.setPrototypeOf(Old.prototype, Buffer.prototype); const x = new Old(100); [x, x.slice(1, 3), x.subarray(1), x.subarray(100)]
    const Fast = Buffer[Symbol.species]; const x = new Fast(5000); [x.length, x instanceof Buffer, x.constructor === Buffer]
  `;

describe('subclasses of Buffer', () => {
  itAnswersAsPlain('answer', ofBuffers, { type: 'Uint8Array' });
});
