import vm from 'node:vm';
import { isStackAmple } from './enough-stack.js';
import { FastBuffer, OriginalUint8Array, type TypedArray, typedArrays } from './intrinsics.js';
import { SafeMap } from './primordials.js';
import { withFlag } from './v8-flags.js';

// V8 gives objects with the same prototype, the same properties in the same order and the same kind
// of elements one hidden class, which also says of each property whether it is a getter. To compare
// those of two objects takes 5 ns; to ask an object takes 20 ns a property and 200 ns for the rest.
// Only functions that V8 has compiled with --allow-natives-syntax can compare.

interface Natives {
  readonly haveSame: (one: object, other: object) => boolean;
  readonly isFast: (value: object) => boolean;
}

const filename = 'arena-pirate:shapes';

function compile(): Natives {
  const natives = vm.runInThisContext(
    `({
      haveSame: (one, other) => %HaveSameMap(one, other),
      isFast: (value) => %HasFastProperties(value) && !%HasDictionaryElements(value),
    })`,
    { filename },
  ) as Natives;
  // Functions are compiled when they are called.
  const { haveSame, isFast } = natives;
  const works = haveSame([1], [2]) && isFast([1]) && !haveSame([1], [1.5]);
  if (!works) throw new Error('V8 does not tell hidden classes apart');
  return natives;
}

function findNatives(): Natives | undefined {
  try {
    // Where Node itself runs with the flag it has to stay.
    return compile();
  } catch {
    return withFlag('allow-natives-syntax', compile);
  }
}

const UNKNOWN: Natives = { haveSame: () => false, isFast: () => false };

let natives: Natives | undefined;

/** Compiles the functions, or once more where V8 has dropped their code. */
function refreshed(): Natives {
  // Another time, not never.
  if (!isStackAmple()) return UNKNOWN;
  natives = findNatives() ?? UNKNOWN;
  return natives;
}

/** Whether V8 knows two objects to be alike in all but their values; false where it cannot tell. */
export function haveSameShape(one: object, other: object): boolean {
  try {
    return (natives ?? refreshed()).haveSame(one, other);
  } catch (error) {
    // V8 drops the code of functions that were not called for long; compiling them takes the flag.
    return error instanceof SyntaxError && refreshed().haveSame(one, other);
  }
}

/**
 * Whether all objects of an object's shape have the same getters, or none, and no getters among their
 * elements: not where V8 keeps properties in a dictionary.
 *
 * @param value - neither a Proxy nor WebAssembly's, for which V8 would end the process: an array, or
 *   what has a prototype and is no Proxy
 */
export function isShaped(value: object): boolean {
  try {
    return (natives ?? refreshed()).isFast(value);
  } catch (error) {
    return error instanceof SyntaxError && refreshed().isFast(value);
  }
}

/** What a list is known to hold without looking. */
export type ListShape = 'numbers' | 'values' | 'values or holes';

const lists: readonly (readonly [unknown[], ListShape])[] = [
  [[{}], 'values'],
  [[1], 'numbers'],
  [[1.5], 'numbers'],
  // biome-ignore lint/suspicious/noSparseArray: V8 tells those with holes from the others.
  [[{}, ,], 'values or holes'],
  // biome-ignore lint/suspicious/noSparseArray: see above.
  [[1, ,], 'numbers'],
  // biome-ignore lint/suspicious/noSparseArray: see above.
  [[1.5, ,], 'numbers'],
];

/** What an ordinary array without getters or names holds; undefined for any other value. */
export function listShapeOf(array: object): ListShape | undefined {
  for (const [list, shape] of lists) if (haveSameShape(array, list)) return shape;
  return undefined;
}

const arrays = new SafeMap<string, TypedArray>();
const buffer = new FastBuffer(new OriginalUint8Array(0));

/** Whether a typed array is of the kind's own class, and nothing has been put on it. */
export function isOrdinaryArray(array: TypedArray, kind: string): boolean {
  let ordinary = arrays.get(kind);
  if (ordinary === undefined) {
    const Original = typedArrays.get(kind);
    if (Original === undefined) return false;
    ordinary = new Original(0);
    arrays.set(kind, ordinary);
  }
  return haveSameShape(array, ordinary);
}

/** Whether a typed array is a Buffer on which nothing has been put. */
export function isOrdinaryBuffer(array: TypedArray): boolean {
  return haveSameShape(array, buffer);
}
