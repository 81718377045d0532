// What memory was used for before, nobody may see.
import { arena, clearArenaPool, isArenaArray, type Release } from 'arena-pirate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const MIB = 2 ** 20;
const LARGEST = 70 * MIB;
// 'exit' first, so that it begins with memory that nobody has used.
const RELEASES: readonly Release[] = ['exit', 'collected'];

const zeros = Buffer.alloc(LARGEST + 64);

function firstNonzero(made: ArrayBufferView | ArrayBuffer): number {
  const bytes = ArrayBuffer.isView(made)
    ? Buffer.from(made.buffer, made.byteOffset, made.byteLength)
    : Buffer.from(made);
  return zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0
    ? -1
    : bytes.findIndex((byte) => byte !== 0);
}

const scopeOf = (release: Release) => ({ release, minBytes: 1, copyResult: false });

// Leaves nothing behind but memory full of 0xaa.
function soil(release: Release, size: number): void {
  if (size > MIB / 2) arena.sync(() => Buffer.alloc(size, 0xaa), scopeOf(release));
  else {
    // Short scopes are given other parts of the memory than long ones.
    for (const total of [MIB / 16, 12 * MIB]) {
      const part = Math.min(total, MIB / 2);
      arena.sync(() => {
        for (let at = 0; at < total; at += part) Buffer.alloc(part, 0xaa);
      }, scopeOf(release));
    }
  }
  if (release === 'collected') globalThis.gc?.();
}

const SIZES = [1, 7, 64, 65, 100, 1000, 4096, 40_000, 65_536, 131_072, 200_003];
const LARGE_SIZES = [MIB - 1, MIB, MIB + 1, 2 * MIB, 2 * MIB + 1, 5 * MIB + 3];
const LARGEST_SIZES = [17 * MIB, LARGEST];

const everySize: Record<string, (size: number) => ArrayBufferView | ArrayBuffer> = {
  'new Uint8Array(length)': (size) => new Uint8Array(size),
  'new Float64Array(length)': (size) => new Float64Array(Math.ceil(size / 8)),
  'new BigInt64Array(length)': (size) => new BigInt64Array(Math.ceil(size / 8)),
  'a subclass': (size) => new (class extends Uint16Array {})(Math.ceil(size / 2)),
  'Reflect.construct': (size) => Reflect.construct(Int8Array, [size], Int16Array),
  'new ArrayBuffer(length)': (size) => new ArrayBuffer(size),
  'Buffer.alloc(size)': (size) => Buffer.alloc(size),
  'Buffer.alloc(size, 0)': (size) => Buffer.alloc(size, 0),
  "Buffer.alloc(size, '')": (size) => Buffer.alloc(size, ''),
  'Buffer.alloc(size, false)': (size) => Buffer.alloc(size, false as never),
  'the end of Buffer.concat': (size) => Buffer.concat([Buffer.alloc(0)], size),
  'a copy of zeros': (size) => new Uint8Array(zeros.subarray(0, size)),
  'a slice of zeros': (size) => new Uint8Array(size).slice(),
  'a part of a buffer': (size) => new Uint8Array(size).buffer.slice(0),
  'what .buffer shows': (size) => new Uint8Array(size).buffer,
  'a clone': (size) => structuredClone(new Uint8Array(size)),
};

const smallSizes: typeof everySize = {
  'new from an array-like': (size) => new Uint8Array({ length: size }),
  'new from holes': (size) => new Uint8Array(new Array(size)),
  'new from an iterable': (size) => new Int32Array(new Array(size).values()),
  'from with a function': (size) => Int32Array.from({ length: size }, () => 0),
  map: (size) => new Int16Array(size).map(() => 0),
  filter: (size) => new Int16Array(size).filter(() => true),
  'new from what shrinks meanwhile': (size) => {
    const buffer = new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(size, {
      maxByteLength: size,
    });
    const target = Object.defineProperty(function () {}.bind(undefined), 'prototype', {
      get() {
        (buffer as ArrayBuffer & { resize(length: number): void }).resize(0);
        return Uint8Array.prototype;
      },
    });
    return Reflect.construct(Uint8Array, [new Uint8Array(buffer)], target) as Uint8Array;
  },
  'Buffer.from(array)': (size) => Buffer.from(new Array(size)),
  "text of '\\0'": (size) => Buffer.from('\0'.repeat(size)),
  'what a species made too long': (size) => {
    const short = new Uint8Array(1);
    Object.assign(short, { constructor: { [Symbol.species]: () => new Uint8Array(size) } });
    (short.constructor as unknown as Record<symbol, unknown>)[Symbol.species] = function () {
      return new Uint8Array(size);
    };
    return short.slice();
  },
};

describe.each(RELEASES)("memory that '%s' scopes use again", (release) => {
  it.each([100, 65_536, MIB, 5 * MIB])(
    'is full of what was there without zeroFill (%i)',
    (size) => {
      soil(release, size);
      const seen = arena.sync(() => new Uint8Array(size), { ...scopeOf(release), zeroFill: false });
      expect(seen.includes(0xaa)).toBe(true);
    },
  );

  it.each(Object.keys({ ...everySize, ...smallSizes }))('reads as zero in %s', (name) => {
    const make = { ...everySize, ...smallSizes }[name] as (size: number) => ArrayBufferView;
    soil(release, 1);
    for (const size of SIZES) {
      arena.sync(() => {
        for (let i = 0; i < 20; i++) expect(firstNonzero(make(size)), `${size} bytes`).toBe(-1);
      }, scopeOf(release));
    }
  });

  const largeForms = Object.keys(everySize);
  // What comes from other code than the rest.
  const largestForms = [
    'new Float64Array(length)',
    'new ArrayBuffer(length)',
    'Buffer.alloc(size)',
  ];

  it.each([
    ...LARGE_SIZES.map((size) => [size, largeForms] as const),
    ...LARGEST_SIZES.map((size) => [size, largestForms] as const),
  ])('reads as zero in arrays of %i bytes', (size, forms) => {
    for (const name of forms) {
      soil(release, size);
      const make = everySize[name] as (size: number) => ArrayBufferView;
      arena.sync(() => expect(firstNonzero(make(size)), name).toBe(-1), scopeOf(release));
    }
  });

  it('reads as zero behind a text that was shorter than its length promised', () => {
    soil(release, 1000);
    arena.sync(() => {
      const text = Buffer.from(`${'00'.repeat(500)}zz${'00'.repeat(400)}`, 'hex');
      expect(text.length).toBe(500);
      // In 'exit' scopes it lies in Node's pool, with others.
      if (isArenaArray(text)) expect(firstNonzero(text.buffer)).toBe(-1);
      else expect(release).toBe('exit');
      expect(firstNonzero(new Uint8Array(500))).toBe(-1);
    }, scopeOf(release));
  });
});

type Step =
  | { readonly kind: 'zeroed'; readonly size: number; readonly how: number }
  | { readonly kind: 'dirty'; readonly size: number }
  | { readonly kind: 'text'; readonly size: number }
  | { readonly kind: 'collect' }
  | { readonly kind: 'scope'; readonly release: Release; readonly steps: readonly Step[] };

const makers = [
  (size: number) => new Uint8Array(size),
  (size: number) => new Float32Array(size >> 2),
  (size: number) => Buffer.alloc(size),
  (size: number) => Buffer.concat([Buffer.alloc(size >> 1)], size),
];

const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => {
  const size = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 3000 }) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 300_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: MIB - 2, max: 3 * MIB }) },
  );
  return {
    steps: fc.array(tie('step'), { maxLength: 12 }),
    step: fc.oneof(
      { maxDepth: 4 },
      fc.record({
        kind: fc.constant('zeroed' as const),
        size,
        how: fc.nat(makers.length - 1),
      }),
      fc.record({ kind: fc.constant('dirty' as const), size }),
      fc.record({ kind: fc.constant('text' as const), size }),
      fc.record({
        kind: fc.constant('scope' as const),
        release: fc.constantFrom(...RELEASES),
        steps: tie('steps'),
      }),
    ),
  };
});

function take(all: readonly Step[]): void {
  for (const step of all) {
    if (step.kind === 'scope') arena.sync(() => take(step.steps), scopeOf(step.release));
    else if (step.kind === 'dirty') Buffer.allocUnsafe(step.size).fill(0xaa);
    else if (step.kind === 'text') Buffer.from(`${'aa'.repeat(step.size % 5000)}zzzzzz`, 'hex');
    else if (step.kind === 'zeroed') {
      const made = makers[step.how]?.(step.size) as Uint8Array;
      expect(firstNonzero(made)).toBe(-1);
      new Uint8Array(made.buffer).fill(0xaa);
    }
  }
}

it('reads as zero in any order of scopes and allocations', () => {
  const isZero = fc.property(fc.boolean(), steps, (fresh, all) => {
    if (fresh) clearArenaPool();
    for (let i = 0; i < 2; i++) arena.sync(() => take(all), scopeOf('exit'));
  });
  fc.assert(isZero, { numRuns: 300, interruptAfterTimeLimit: 15_000 });
});

describe.each(RELEASES)("an ArrayBuffer over memory that '%s' scopes use again", (release) => {
  const forms: Record<string, (size: number) => ArrayBuffer> = {
    'new ArrayBuffer(size)': (size) => new ArrayBuffer(size),
    'new Uint8Array(size).buffer': (size) => new Uint8Array(size).buffer,
    'Buffer.alloc(size).buffer': (size) => Buffer.alloc(size).buffer as ArrayBuffer,
  };

  describe.each(Object.keys(forms))('%s', (form) => {
    const make = forms[form] as (size: number) => ArrayBuffer;

    it.each([100, 70_000, 3 * MIB])('is another object than the earlier one (%i bytes)', (size) => {
      const earlier = new WeakSet<ArrayBuffer>();
      for (let i = 0; i < 4; i++) {
        arena.sync(() => {
          const buffer = make(size);
          expect(earlier.has(buffer)).toBe(false);
          earlier.add(buffer);
        }, scopeOf(release));
      }
    });

    it.each([100, 70_000, 3 * MIB])('has no properties of the earlier one (%i bytes)', (size) => {
      for (let i = 0; i < 4; i++) {
        arena.sync(() => {
          const buffer = make(size);
          expect(Reflect.ownKeys(buffer)).toEqual([]);
          expect(Object.getPrototypeOf(buffer)).toBe(ArrayBuffer.prototype);
          expect(Object.isExtensible(buffer)).toBe(true);
          Object.assign(buffer, { mine: 5 });
          Object.setPrototypeOf(buffer, class extends ArrayBuffer {}.prototype);
          Object.freeze(buffer);
        }, scopeOf(release));
      }
    });
  });
});
