// Random programs of operations, run on plain constructors and in scopes: every result, every error
// and, at the end, every array must be the same. The plain twin is a realm that arena-pirate does
// not reach, with the functions of Buffer as they were before it was loaded.
import { types } from 'node:util';
import vm from 'node:vm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadArenaPirate } from '../support/differential.js';
import {
  holdsBigInts,
  mayBePooled,
  outcomeOf,
  type Realm,
  show,
  typedArrayNames,
} from '../support/outcome.js';

type BufferFunctions = Pick<
  typeof Buffer,
  'alloc' | 'allocUnsafe' | 'allocUnsafeSlow' | 'concat' | 'from'
>;

interface World {
  readonly realm: Realm;
  readonly buffers: BufferFunctions;
}

const { alloc, allocUnsafe, allocUnsafeSlow, concat, from } = Buffer;
const plain: World = {
  realm: vm.runInNewContext('globalThis'),
  buffers: { alloc, allocUnsafe, allocUnsafeSlow, concat, from },
};
const here: World = { realm: globalThis as unknown as Realm, buffers: Buffer };

// biome-ignore lint/suspicious/noExplicitAny: programs do to values what types would forbid
type Any = any;

/** What a program has to work with: earlier results, by number. */
interface State extends World {
  readonly values: Any[];
  pick(index: number): Any;
}

/** One operation; its numbers are made to fit what there is. */
interface Operation {
  readonly name: keyof typeof operations;
  readonly type: string;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly other: number;
  readonly numbers: readonly number[];
}

const METHODS = [
  ...[
    'slice',
    'subarray',
    'fill',
    'copyWithin',
    'at',
    'with',
    'indexOf',
    'includes',
    'lastIndexOf',
  ],
  ...['reverse', 'toReversed', 'sort', 'toSorted', 'join', 'keys', 'entries', 'toString'],
];

const ENCODINGS = ['utf8', 'hex', 'base64', 'utf16le', 'latin1', 'base64url'] as const;

// That of a pooled Buffer has other contents and another length in each world.
function bufferOf(value: Any): Any {
  if (mayBePooled(value)) throw new RangeError('pooled');
  return value.buffer;
}

const elements = ({ type, numbers }: Operation) =>
  holdsBigInts(type) ? numbers.map((n) => BigInt(Math.trunc(n) || 0)) : [...numbers];

function* yielding(values: readonly unknown[], failAfter: number): Generator<unknown> {
  for (const [i, value] of values.entries()) {
    if (i === failAfter) throw new RangeError('midway');
    yield value;
  }
}

/** Each returns what the program's next operations may work on. */
const operations = {
  ofLength: ({ realm }: State, { type, a }: Operation) => new (realm[type] as Any)(a),
  ofList: ({ realm }: State, op: Operation) => new (realm[op.type] as Any)(elements(op)),
  ofArray: ({ realm, pick }: State, { type, other }: Operation) =>
    new (realm[type] as Any)(pick(other)),
  ofIterable: ({ realm }: State, op: Operation) =>
    new (realm[op.type] as Any)(yielding(elements(op), op.a)),
  ofArrayLike: ({ realm }: State, op: Operation) =>
    new (realm[op.type] as Any)({ ...elements(op), length: Math.min(op.a, 2000) }),
  onBuffer: ({ realm, pick }: State, { type, other, a, b }: Operation) =>
    new (realm[type] as Any)(bufferOf(pick(other)), a, b),
  onWholeBuffer: ({ realm, pick }: State, { type, other }: Operation) =>
    new (realm[type] as Any)(bufferOf(pick(other))),
  subclass: ({ realm }: State, { type, a }: Operation) =>
    Reflect.construct(
      class Sub extends (realm[type] as Any) {
        tag = a;
      },
      [a],
    ),
  staticFrom: ({ realm, pick }: State, { type, other, a }: Operation) =>
    (realm[type] as Any).from(pick(other), (n: Any, i: number) => (i === a ? n : pick(other)[0])),
  staticOf: ({ realm }: State, op: Operation) => (realm[op.type] as Any).of(...elements(op)),
  buffer: ({ pick }: State, { other }: Operation) => bufferOf(pick(other)),
  newBuffer: ({ realm }: State, { a }: Operation) => new (realm.ArrayBuffer as Any)(a),
  sliceOfBuffer: ({ pick }: State, { other, a, b }: Operation) => bufferOf(pick(other)).slice(a, b),
  method: ({ pick }: State, { other, a, b, c, numbers }: Operation) =>
    pick(other)[METHODS[Math.abs(numbers[0] ?? 0) % METHODS.length] as string](a, b, c),
  map: ({ pick }: State, { other, a }: Operation) =>
    pick(other).map((n: Any, i: number) => (i % 7 === a % 7 ? pick(other)[i + 1] : n)),
  filter: ({ pick }: State, { other, a }: Operation) =>
    pick(other).filter((_: Any, i: number) => (i + a) % 3 !== 0),
  set: ({ pick }: State, { other, a, b }: Operation) => pick(other).set(pick(a), b),
  setList: ({ pick }: State, op: Operation) => pick(op.other).set(elements(op), op.b),
  write: ({ pick }: State, { other, a, numbers }: Operation) => {
    pick(other)[a] = numbers[0];
  },
  writeBytes: ({ realm, pick }: State, { other, a, b, c }: Operation) =>
    new (realm.DataView as Any)(bufferOf(pick(other)), a, b).setInt16(c, a * b),
  readBytes: ({ realm, pick }: State, { other, a, b, c }: Operation) =>
    new (realm.DataView as Any)(bufferOf(pick(other)), a, b).getFloat32(c),
  alloc: ({ buffers }: State, { a, b }: Operation) => buffers.alloc(a, b),
  allocWithText: ({ buffers }: State, { a, numbers }: Operation) =>
    buffers.alloc(a, numbers.join('') || 'x', a % 2 ? 'hex' : 'latin1'),
  allocUnsafe: ({ buffers }: State, { a, b }: Operation) => buffers.allocUnsafe(a).fill(b),
  bufferOfText: ({ buffers }: State, { a, numbers }: Operation) => {
    const text = numbers.join('é€').repeat(1 + (Math.abs(a) % 9));
    const encoding = ENCODINGS[Math.abs(Math.trunc(a)) % ENCODINGS.length];
    const made = buffers.from(text, encoding);
    // Behind text that was shorter than its length promised, Node leaves what was there.
    return made.length < Buffer.byteLength(text, encoding) ? buffers.from(made) : made;
  },
  bufferOfList: ({ buffers }: State, { numbers }: Operation) => buffers.from([...numbers]),
  bufferOfArray: ({ buffers, pick }: State, { other }: Operation) => buffers.from(pick(other)),
  bufferOnBuffer: ({ buffers, pick }: State, { other, a, b }: Operation) =>
    buffers.from(bufferOf(pick(other)), a, b),
  concat: ({ buffers, pick }: State, { other, a, b }: Operation) =>
    buffers.concat([pick(other), pick(a), pick(other)], b % 2 ? b : undefined),
};

// Which of the values have their buffer in common, by the first of them.
function sharing(values: readonly Any[]): number[] {
  const buffers = values.map((value) => (types.isTypedArray(value) ? value.buffer : value));
  return buffers.map((buffer) => buffers.indexOf(buffer));
}

function run({ realm, buffers }: World, program: readonly Operation[]): string {
  const values: Any[] = [];
  const pick = (index: number) => values[Math.abs(index) % Math.max(values.length, 1)];
  const state: State = { realm, buffers, values, pick };
  const lines = program.map((operation) =>
    outcomeOf(() => {
      const result = operations[operation.name](state, operation);
      if (types.isTypedArray(result) || types.isArrayBuffer(result)) values.push(result);
      return result;
    }, realm),
  );
  const own = values.filter((value) => !mayBePooled(value));
  return [...lines, ...own.map((value) => show(value, realm)), sharing(own)].join('\n');
}

const count = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 100 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 5000 }) },
  { weight: 3, arbitrary: fc.constantFrom(0, 8, 16, 63, 64, 65, 128, 1024, 4096, 65_536, 131_072) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1.5, -0, 2 ** 20, 2 ** 20 + 8, 2 ** 53) },
);
const number = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.double(),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 32, -(2 ** 53)),
);

const program = fc.array(
  fc.record<Operation>({
    name: fc.constantFrom(...(Object.keys(operations) as (keyof typeof operations)[])),
    type: fc.constantFrom(...typedArrayNames),
    a: count,
    b: count,
    c: count,
    other: fc.nat(40),
    numbers: fc.oneof(
      fc.array(number, { maxLength: 12 }),
      fc.array(number, { minLength: 60, maxLength: 140 }),
    ),
  }),
  { minLength: 1, maxLength: 25 },
);

// Shrinking a failure ends with the time, too.
const PARAMETERS = { numRuns: 700, interruptAfterTimeLimit: 15_000 };

let arenaPirate: ReturnType<typeof loadArenaPirate>;
beforeAll(() => {
  arenaPirate = loadArenaPirate();
});

describe.each(['collected', 'exit'] as const)("in '%s' scopes", (release) => {
  it.each([65, 1])('random programs answer as in plain Node (from %i bytes)', (minBytes) => {
    const { arena, stats } = arenaPirate;
    const before = stats().thread.captured;
    const inside = fc.property(program, (operations) => {
      const expected = run(plain, operations);
      const found = arena.sync(() => run(here, operations), { release, minBytes });
      expect(found).toBe(expected);
    });
    fc.assert(inside, PARAMETERS);
    expect(stats().thread.captured - before).toBeGreaterThan(PARAMETERS.numRuns);
  });
});

it('random programs answer as in plain Node outside all scopes', () => {
  const outside = fc.property(program, (operations) => {
    expect(run(here, operations)).toBe(run(plain, operations));
  });
  fc.assert(outside, { ...PARAMETERS, numRuns: 300 });
});
