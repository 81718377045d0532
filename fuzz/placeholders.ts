// What stands for the placeholders of templates, as source text.
import fc from 'fast-check';
import { holdsBigInts, typedArrayNames } from '../test/support/outcome.js';

type Text = fc.Arbitrary<string>;

const text = (arbitrary: fc.Arbitrary<unknown>): Text => arbitrary.map(String);
const oneOf = (...texts: string[]): Text => fc.constantFrom(...texts);
const mostly = (weight: number, usual: Text, ...others: Text[]): Text =>
  fc.oneof({ weight, arbitrary: usual }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })));

const type = oneOf(...typedArrayNames);
const numberType = oneOf(...typedArrayNames.filter((name) => !holdsBigInts(name)));

// Large ones are rare: what they show are other ways to allocate, not other answers.
const size = fc.oneof(
  { weight: 12, arbitrary: text(fc.nat(40)) },
  { weight: 8, arbitrary: text(fc.nat(700)) },
  { weight: 3, arbitrary: oneOf('8', '16', '64', '65', '128', '1024', '4096') },
  { weight: 1, arbitrary: text(fc.nat(5000)) },
  { weight: 1, arbitrary: oneOf('-1', '1.5', '-0', 'NaN', '2 ** 53', '"12"', 'undefined', 'null') },
);
const largeSize = oneOf('4100', '8192', '32_768', '33_000', '70_000', '200_000');

const index = mostly(
  12,
  text(fc.oneof(fc.integer({ min: -12, max: 40 }), fc.integer({ min: -300, max: 800 }))),
  oneOf('undefined', 'NaN', '-0', '2.7', 'Infinity', '-Infinity', '"3"', 'null', '2 ** 40'),
  text(fc.integer({ min: -20, max: 60 })).map((value) => `asked(${value})`),
);

const number = fc.oneof(
  { weight: 5, arbitrary: text(fc.integer({ min: -300, max: 300 })) },
  {
    weight: 2,
    arbitrary: text(fc.double({ noNaN: false }).map((n) => (Object.is(n, -0) ? '-0' : n))),
  },
  {
    weight: 2,
    arbitrary: oneOf(
      '-0',
      'NaN',
      'Infinity',
      '2 ** 31',
      '-(2 ** 31)',
      '2 ** 32 + 5',
      '65_504',
      '1e-7',
    ),
  },
);
const bigint = mostly(
  4,
  fc.integer({ min: -300, max: 300 }).map((n) => `${n}n`),
  oneOf('2n ** 63n', '-(2n ** 64n) + 3n', '2n ** 70n'),
);
const oddValue = oneOf(
  'undefined',
  'null',
  '"7"',
  '"x"',
  'true',
  '{}',
  'asked(9)',
  'Symbol.iterator',
);
const value = mostly(30, number, bigint, oddValue);

const listOf = (element: Text, long: (n: number, seed: number) => string): Text =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.array(element, { maxLength: 9 }).map((all) => `[${all.join(', ')}]`),
    },
    { weight: 2, arbitrary: fc.tuple(fc.nat(300), fc.nat(99)).map(([n, seed]) => long(n, seed)) },
  );
const numbers = listOf(number, (n, seed) => `seq(${n}, ${seed})`);
const bigints = listOf(bigint, (n, seed) => `bigs(${n}, ${seed})`);
const listFor = (name: string) => (holdsBigInts(name) ? bigints : numbers);

// A type with elements that it takes, put together by one of several forms.
const typed = (...forms: ((name: string, list: string) => string)[]): Text =>
  type.chain((name) =>
    fc.tuple(fc.constantFrom(...forms), listFor(name)).map(([form, list]) => form(name, list)),
  );

// A few characters of every length in UTF-8, and halves of some.
const character = oneOf(
  'a',
  'F',
  '0',
  '=',
  '\0',
  '\x7f',
  'é',
  '€',
  '😀',
  '\ud83d',
  '\ude00',
  '\uffff',
);

const string = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 30 }).map((s) => JSON.stringify(s)) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: character, maxLength: 20 }).map((s) => JSON.stringify(s)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('ab', '4f', 'é', '€uro', 'Zm9v', '😀'), fc.nat(60))
      .map(([s, n]) => `'${s}'.repeat(${n})`),
  },
  {
    weight: 1,
    arbitrary: oneOf("'zz'", "'4f4f4f4fxy'", "'YWJj!!!ZGVm=='", "''", "'abc'", "'\\ud800'"),
  },
);

const encoding = mostly(
  20,
  oneOf(
    '"utf8"',
    '"hex"',
    '"base64"',
    '"base64url"',
    '"utf16le"',
    '"ucs2"',
    '"latin1"',
    '"ascii"',
    '"binary"',
  ),
  oneOf('undefined', '"UTF-8"', '"nonsense"', 'null', '5', '""'),
);

const callback = oneOf(
  '(x, i) => i % 2',
  '(x) => x',
  '(x, i, all) => all[i ^ 1]',
  '(x, i, all) => { if (i === 2) all[0] = x; return x; }',
  '(x, i) => { if (i > 4) throw new RangeError("late"); return x; }',
  '() => { throw new RangeError("at once"); }',
  'function (x, i) { log(this === undefined, typeof x, i > 3); return i > 3; }',
  '(x, i, all) => all.length > i + 3',
  '() => undefined',
  // Not on the largest ones, which would take a minute.
  '(x, i, all) => { if (all.length < 2000) all.fill(like(all, i)); return x; }',
  'undefined',
);
const reducer = oneOf(
  '(sum, x) => sum + String(x)',
  '(sum, x, i, all) => all[all.length - 1 - i]',
  '(sum, x, i) => { if (i > 3) throw new RangeError("late"); return x; }',
  'null',
);
const comparator = oneOf(
  'undefined',
  '(a, b) => (a < b ? 1 : a > b ? -1 : 0)',
  '(a, b) => Number(a) % 7 - Number(b) % 7',
  '() => NaN',
  '() => -1',
  '(a) => { if (a > 5) throw new RangeError("compared"); return 1; }',
  'null',
);

// What a constructor's species is made: the result may be of another kind, or an array there is.
const species = oneOf(
  'undefined',
  'null',
  '5',
  'Array',
  'Uint8Array',
  'Float64Array',
  'BigInt64Array',
  '(class extends Int16Array {})',
  'function (...args) { log("made with", args.length); return new Int16Array(40); }',
  'function (n) { return ta(1).subarray(1); }',
  'function (n) { return new Uint8Array(ta(0).buffer); }',
  'function (b, o, n) { return new Uint8Array(b, o, n); }',
  'function () { return ta(2); }',
  'function () { throw new RangeError("species"); }',
);

const inspectOptions = oneOf(
  'undefined',
  '{ showHidden: true }',
  '{ maxArrayLength: 3 }',
  '{ depth: 0, compact: false }',
);

/** Source texts by the name of the placeholder that they stand for, as `{T}`. */
export const placeholders: Readonly<Record<string, Text>> = {
  /** A typed-array constructor. */
  T: type,
  /** One whose elements are numbers. */
  N: numberType,
  /** The number of a value, for `ta`, `ab` and the like. */
  i: text(fc.nat(15)),
  /** A length. */
  n: size,
  /** A length for which arenas have other ways, where slabs are small. */
  N1: largeSize,
  /** A position, as methods take them. */
  k: index,
  /** A byte offset that fits often. */
  o: mostly(8, text(fc.nat(24)), index),
  /** An element. */
  x: value,
  /** No number, as those might be lengths of gigabytes. */
  y: oddValue,
  /** A number. */
  m: number,
  /** A list of numbers. */
  L: numbers,
  /** `Type(list)`, `Type.of(…)`, `Type.from(…)`. */
  typedNew: typed((name, list) => `new ${name}(${list})`),
  typedOf: typed((name, list) => `${name}.of(...${list})`),
  typedFrom: typed(
    (name, list) => `${name}.from(${list})`,
    (name, list) => `${name}.from(new Set(${list}))`,
    (name, list) => `${name}.from(${list}, (x) => x)`,
    (name, list) => `${name}.from({ ...${list}, length: 80 }, (x) => x ?? ${list}[0])`,
    (name, list) => `${name}.from(yielding(${list}, 30))`,
    (name, list) => `new ${name}(yielding(${list}, 50))`,
    (name, list) => `new ${name}({ ...${list}, length: 90 })`,
    (name, list) => `new ${name}(new Set(${list}))`,
    (name, list) => `new ${name}(${list}.values())`,
  ),
  s: string,
  e: encoding,
  cb: callback,
  red: reducer,
  cmp: comparator,
  sp: species,
  opt: inspectOptions,
  /** A getter or setter of DataView, without `get` and `set`. */
  D: oneOf(
    ...['Int8', 'Uint8', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64'],
    ...['BigInt64', 'BigUint64', 'Float16'],
  ),
  /** Whether little-endian. */
  le: oneOf('true', 'false', '', '1'),
  /** A reader or writer of Buffer, without `read` and `write`. */
  R: oneOf(
    ...[
      'Int8',
      'UInt8',
      'Uint8',
      'Int16LE',
      'Int16BE',
      'UInt16LE',
      'UInt16BE',
      'Int32LE',
      'Int32BE',
    ],
    ...['UInt32LE', 'UInt32BE', 'FloatLE', 'FloatBE', 'DoubleLE', 'DoubleBE'],
    ...['BigInt64LE', 'BigInt64BE', 'BigUInt64LE', 'BigUInt64BE'],
  ),
  /** One that takes a width. */
  W: oneOf('IntLE', 'IntBE', 'UIntLE', 'UIntBE'),
  w: oneOf('1', '2', '3', '4', '5', '6', '7', '0'),
  /** An operation of Atomics that takes a value. */
  A: oneOf('add', 'and', 'exchange', 'or', 'store', 'sub', 'xor'),
};
