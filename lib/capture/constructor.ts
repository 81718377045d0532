import { Counter } from '../counters.js';
import type { Gate } from '../gate.js';
import type { TypedArray, TypedArrayConstructor } from '../intrinsics.js';
import type { Scope } from '../scope.js';
import { compileAnew } from './compile-anew.js';
import { withFastProperties } from './fast-properties.js';

/** One kind of typed array: the built-in constructor and what stands in for it. */
export interface Kind {
  readonly name: string;
  readonly Original: TypedArrayConstructor;
  readonly bytesPerElement: number;
}

/** What a replacement needs to know; passed in, as its source is compiled anew for each kind. */
export interface Surroundings {
  readonly gate: Gate;
  readonly counters: Float64Array;
  readonly isAnyArrayBuffer: (value: unknown) => boolean;
  readonly isOutside: () => boolean;
  readonly scopeFor: (bytes: number) => Scope;
  readonly constructSlow: (
    kind: Kind,
    newTarget: NewTarget | undefined,
    a: unknown,
    b: unknown,
    c: unknown,
  ) => TypedArray;
}

// biome-ignore lint/complexity/noBannedTypes: what Reflect.construct takes
export type NewTarget = Function;

// Refers to nothing but its parameters. A class that extends something, because
// such a constructor is called without a `this` made beforehand; making one
// would cost subclasses 300 ns, as V8 then rebuilds their initial map each time.
// It extends null, because what users see is the bound function below.
function makeReplacement(
  kind: Kind,
  Original: new (a?: unknown, b?: unknown, c?: unknown) => TypedArray,
  bytesPerElement: number,
  { gate, counters, isOutside, scopeFor, constructSlow, isAnyArrayBuffer }: Surroundings,
): new (
  a?: unknown,
  b?: unknown,
  c?: unknown,
) => TypedArray {
  class Replacement extends null {
    // Small enough for Maglev and TurboFan to inline.
    constructor(a?: unknown, b?: unknown, c?: unknown) {
      if (
        (gate.open === 0 ||
          (typeof a === 'number'
            ? a * bytesPerElement < gate.floor
            : // A view; where it is none, V8 serves it with the same result.
              typeof b === 'number' && typeof a === 'object' && gate.ceiling >= 0)) &&
        new.target === Replacement
      ) {
        // biome-ignore lint/correctness/noConstructorReturn: a built-in's place is taken
        return new Original(a, b, c);
      }
      // biome-ignore lint/correctness/noConstructorReturn: a built-in's place is taken
      return construct(new.target, a, b, c);
    }
  }

  // `x instanceof` a bound function asks its target.
  Object.defineProperty(Replacement, Symbol.hasInstance, {
    value: (value: unknown) => value instanceof Original,
  });

  function construct(newTarget: NewTarget, a: unknown, b: unknown, c: unknown): TypedArray {
    if (typeof a === 'number' && newTarget === Replacement) {
      const bytes = a * bytesPerElement;
      // False for what is no integer, and for NaN.
      if (bytes <= gate.ceiling && a >>> 0 === a) {
        const scope = gate.current ?? scopeFor(bytes);
        if (bytes < scope.minBytes) return new Original(a);
        const { window } = scope.source;
        const start = window.top;
        const end = (start + bytes + 63) & -64;
        if (end <= window.ready || window.makeReady(end, scope.zeroFill)) {
          const { count, table } = window;
          window.top = end;
          window.count = count + 2;
          table[count] = start;
          table[count + 1] = bytes;
          counters[Counter.Captured]++;
          return new Original(window.buffer, start, a);
        }
      }
    }
    // Only to spare views, and all that is made outside scopes, the longer way. Not `instanceof`, which a Proxy would notice.
    if (newTarget === Replacement && gate.ceiling >= 0 && (isOutside() || isAnyArrayBuffer(a))) {
      return new Original(a, b, c);
    }
    return constructSlow(kind, newTarget === Replacement ? undefined : newTarget, a, b, c);
  }

  return Replacement as unknown as new () => TypedArray;
}

/**
 * The function that takes the place of a typed-array constructor: bound, so that it is callable and
 * constructible, prints as native code, and may have the original's prototype, which a class may
 * not.
 */
export function makeConstructor(kind: Kind, surroundings: Surroundings): TypedArrayConstructor {
  const { Original, name, bytesPerElement } = kind;
  // For each kind, or `new Original` would be a call to any of twelve.
  const make = compileAnew(makeReplacement, name);
  const Replacement = make(kind, Original as never, bytesPerElement, surroundings);
  Object.defineProperty(Replacement, 'name', { value: name });
  withFastProperties(Replacement);
  return Replacement.bind(undefined) as unknown as TypedArrayConstructor;
}
