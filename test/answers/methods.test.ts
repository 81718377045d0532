import { describe } from 'vitest';
import { forms, itAnswersAsPlain } from '../support/differential.js';
import { typedArrayNames } from '../support/outcome.js';

/** Programs in which `x` is an array: of few elements, of whole cache lines, and of many. */
function onArrays(expressions: readonly string[]): string[] {
  return [5, 64, 100].flatMap((length) =>
    expressions.map((expression) => `const x = new T(list(${length})); ${expression}`),
  );
}

const indices = ['', '0', '1', '2, 4', '-2', '1, -1', '3, 2', '100', '-100', '4, 99', '64', '5'];
const oddIndices = forms`
    NaN  '2'  1.9  -0  null  undefined, 2  Infinity  1n  Symbol()
  `;
const loggedIndices = forms`
    number(1, "begin"), number(3, "end")  number(1, "begin"), number(Symbol(), "end")
    { valueOf() { throw new RangeError("begin"); } }, number(3, "end")
  `;
const ranges = [...indices, ...oddIndices, ...loggedIndices];

const cuts = onArrays([
  ...ranges.map((range) => `x.slice(${range})`),
  ...ranges.map((range) => `x.subarray(${range})`),
  ...ranges.map((range) => `const y = x.subarray(1); y[0] = v(9); [x, y.subarray(${range})]`),
  ...ranges.map((range) => `x.fill(${['v(7)', range].filter(Boolean).join(', ')})`),
  ...ranges.map((range) => `x.copyWithin(1, ${range})`.replace(', )', ')')),
  ...ranges.map((range) => `x.subarray(x.length).subarray(${range})`),
  ...forms`
    const end = x.subarray(x.length); [end, end.byteOffset - x.byteOffset, end.buffer === x.buffer]
    const [a, b] = [x.subarray(1, 3), x.subarray(2)]; b[0] = v(50); [a, b, a.buffer === b.buffer]
    x.subarray(2, 2).buffer === x.buffer  x.slice(2, 2).buffer === x.buffer
  `,
]);

const callbacks = onArrays(forms`
    x.map((n) => n)  x.map((n, i) => v(i * 3))
    x.map(function (n, i, array) { if (i === 1) log(this, n, array === x); return n; }, "self")
    x.map(() => "x")
    x.map((n, i) => { if (i === 3) throw new RangeError("midway"); return n; })
    x.map((n, i) => { x.fill(v(1)); return n; })  x.map()  x.filter((n) => n > 0)
    x.filter((n, i) => i % 2)  x.filter(() => false)
    x.filter((n, i, array) => { if (i === 3) throw new RangeError("midway"); return array === x; })
    x.filter(5)  x.forEach((n, i, array) => i < 2 && log(n, i, array === x))
    [x.every((n) => n < 90), x.some((n) => n === v(3)), x.find((n) => n > 1), x.findIndex((n) => n > 1)]
    [x.findLast((n) => n > 1), x.findLastIndex((n) => n > 1), x.indexOf(v(2)), x.lastIndexOf(v(2))]
    [x.reduce((a, b) => a + b), x.reduceRight((a, b) => a - b), x.includes(v(2)), x.at(-1), x.at(99)]
    x.reduce((sum, n, i, array) => sum && array === x, true)
  `);

const orders = onArrays(forms`
    x.sort()  x.reverse().sort()  x.sort((a, b) => (a < b ? 1 : -1))
    x.sort((a, b) => { throw new RangeError("compare"); })  x.sort(5)  x.reverse()  x.toReversed()
    x.toSorted()  x.toSorted((a, b) => (a < b ? 1 : -1))  x.toSorted(5)  x.with(1, v(77))
    x.with(-1, v(77))  x.with(100, v(77))  x.with(1, "x")  x.with(1, Symbol())  x.toSpliced
    x.push
  `);

const writes = onArrays([
  ...forms`
    x.set(list(3)); x  x.set(list(3), 2); x  x.set(list(3), 99); x  x.set(list(3), -1); x
    x.set(new T(list(3)), 1); x  x.set(x.subarray(0, 3), 1); x  x.set(x.subarray(1, 4), 0); x
    x.set(x); x  x.set({ length: 2, 0: v(9), 1: v(8) }); x
    x.set([v(1), number(v(2)), { valueOf() { throw new RangeError("element"); } }]); x
    x.set(5); x  x.set(); x  x.set([Symbol()]); x  x.set(logged([v(1), v(2)])); x
  `,
  ...typedArrayNames.map((name) => `x.set(${name}.of(), 1); x`),
  ...forms`
    x[1] = v(9); x[100] = v(9); x[-1] = v(9); x["1.5"] = v(9); x["-0"] = v(9); x.other = 9; x
    'use strict'; x[1000] = v(9); x  x[0] = number(v(4)); x  x[0] = Symbol()  x[0] = {}; x
    delete x[0]  delete x[1000]  "use strict"; delete x[0]
    Object.defineProperty(x, 0, { value: v(9) }); x
    Object.defineProperty(x, 0, { value: v(9), writable: false })
    Object.defineProperty(x, 1000, { value: v(9) })  Object.getOwnPropertyDescriptor(x, 1)
    Object.freeze(x)  Object.seal(x)  Object.preventExtensions(x); x.other = 1; x
    Object.keys(x).length + Object.entries(x).length
    [0 in x, 1000 in x, "-0" in x, "buffer" in x, Object.hasOwn(x, 1), Object.hasOwn(x, "buffer")]
    x.expando = 5; x.expando  Object.setPrototypeOf(x, null); x[0]
    const view = new DataView(x.buffer, x.byteOffset); view.setUint8(0, 77); x
  `,
]);

const texts = onArrays(forms`
    x.join()  x.join("-")  String(x)  x.toString()  x.toLocaleString()  x + ""  [...x]
    Array.from(x)  [...x.keys()]  [...x.entries()]  [...x.values()]  Array.from(x.subarray(1, 3))
    JSON.stringify(Array.from(x, String))  [].concat(x).length  Math.max(...Array.from(x, Number))
    Array.prototype.slice.call(x, 1, 3)  ({ ...x })  x.length  x.byteLength  x.byteOffset
    x.BYTES_PER_ELEMENT  x.buffer  x.constructor  x[Symbol.iterator] === x.values
    const iterator = x.values(); iterator.next(); [...iterator]  Object.prototype.toString.call(x)
  `);

const species = forms`
    undefined  null  Array  Float64Array  Uint8Array  BigInt64Array  5  {}  () => {}
    class extends T {}  otherRealm().Float64Array  Object  Symbol  T.bind(null)
    class { constructor(...args) { log("made with", args); return new T(...args); } }
    class { constructor() { return new T(1); } }
    class { constructor() { return new Float64Array(1000); } }
    class { constructor() { return [1, 2, 3]; } }
    class { constructor() { throw new RangeError("species"); } }
    class extends T { constructor(...args) { log("made with", args); super(...args); } }
    function (...args) { log("made with", args, new.target === undefined); return new T(1000); }
    function () { return new T(x.buffer, 2 * T.BYTES_PER_ELEMENT); }
    function () { return x.subarray(2); }
  `;

const makers = [
  ...species.map((maker) => `{ [Symbol.species]: ${maker} }`),
  ...forms`
    undefined  null  5  "x"  Symbol()  {}  Object.create(null)  Array  Uint8Array  T.bind(null)
    otherRealm()[T.name]
  `,
];

const speciesMethods = forms`
    x.slice(1, 3)  x.subarray(1, 3)  x.map((n) => n)  x.filter((n) => n > 0)  x.slice()
    x.subarray()  x.toReversed()  x.with(0, v(1))  x.subarray(x.length)
  `;

const bySpecies = onArrays(
  makers.flatMap((maker) => speciesMethods.map((method) => `x.constructor = ${maker}; ${method}`)),
);

// Views that do not begin where their ArrayBuffer does, which is their own.
const ofViews = makers.flatMap((maker) =>
  ['x.subarray(1, 3)', 'x.subarray(1)', 'x.slice(1, 3)', 'x.slice()'].map(
    (method) =>
      `const x = new T(new T(list(100)).buffer.slice(0), 2 * T.BYTES_PER_ELEMENT, 60);
       const { constructor } = T.prototype; T.prototype.constructor = ${maker};
       try { ${method} } finally { T.prototype.constructor = constructor; }`,
  ),
);

const observedSpecies = onArrays(
  speciesMethods.flatMap((method) => [
    `Object.defineProperty(x, 'constructor', { get() { log('constructor'); return T; } }); ${method}`,
    `x.constructor = { get [Symbol.species]() { log('species'); return T; } }; ${method}`,
    `x.constructor = { get [Symbol.species]() { throw new RangeError('species'); } }; ${method}`,
    `Object.defineProperty(x, 'constructor', { get() { log('constructor'); } });
     ${method.replace('(1, 3)', '(number(1, "begin"), number(3, "end"))')}`,
    `Object.defineProperty(x, 'constructor', { get() { throw new RangeError('constructor'); } });
     ${method.replace('(1, 3)', '(number(1, "begin"), number(3, "end"))')}`,
    `x.constructor = logged(T); ${method}`,
    `const { constructor } = T.prototype; T.prototype.constructor = class extends T {};
     try { log(${method}); } finally { T.prototype.constructor = constructor; }`,
    ...forms`undefined  class extends T {}  { [Symbol.species]: T }`.map(
      (maker) => `const own = Object.getOwnPropertyDescriptor(T.prototype, 'constructor');
       const get = () => { log('constructor'); return (${maker}); };
       Object.defineProperty(T.prototype, 'constructor', { get, configurable: true });
       try { ${method} } finally { Object.defineProperty(T.prototype, 'constructor', own); }`,
    ),
    ...forms`undefined  null  T  class extends T {}  Array`.map(
      (maker) => `const get = () => { log('species'); return ${maker}; };
       Object.defineProperty(T, Symbol.species, { get, configurable: true });
       try { ${method} } finally { delete T[Symbol.species]; }`,
    ),
  ]),
);

const wrongReceivers = ['slice', 'subarray', 'map', 'filter', 'set', 'fill', 'toSorted'].flatMap(
  (name) =>
    ['undefined', 'null', '5', '{}', '[]', 'T.prototype', 'new DataView(new ArrayBuffer(8))']
      .concat(['new Proxy(new T(100), {})', 'Object.create(new T(100))', 'Symbol()', '"x"'])
      .map((receiver) => `T.prototype.${name}.call(${receiver}, () => 1)`),
);

describe.each(typedArrayNames)('%s', (type) => {
  itAnswersAsPlain('parts answer', cuts, { type });
  itAnswersAsPlain('methods with callbacks answer', callbacks, { type });
  itAnswersAsPlain('sorting and copying methods answer', orders, { type });
  itAnswersAsPlain('writing answers', writes, { type });
  itAnswersAsPlain('reading answers', texts, { type });
  itAnswersAsPlain('Symbol.species answers', bySpecies, { type });
  itAnswersAsPlain('Symbol.species of views answers', ofViews, { type });
  itAnswersAsPlain('Symbol.species is read as often', observedSpecies, { type });
  itAnswersAsPlain('methods of other receivers answer', wrongReceivers, { type });
});
