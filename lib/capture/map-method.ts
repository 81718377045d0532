import { gate } from '../gate.js';
import { kindOf, lengthOf, type TypedArray, TypedArrayBase, typedArrays } from '../intrinsics.js';
import { SafeMap, uncurryThis } from '../primordials.js';
import { compileAnew } from './compile-anew.js';
import { allocateArray } from './construct-slow.js';
import type { Kind } from './constructor.js';
import { disguise } from './native-source.js';
import { isOrdinary, ordinaryKindOf } from './ordinary.js';
import type { Patches } from './patches.js';
import { callServed } from './species.js';
import { double, holdsSmallFloats } from './through-double.js';

type Callback = (value: unknown, index: number, array: TypedArray) => unknown;
type MapInto = (
  result: TypedArray,
  source: TypedArray,
  length: number,
  fn: Callback,
  double: Float64Array,
) => TypedArray;

const original = TypedArrayBase.prototype.map as (this: unknown, ...args: unknown[]) => unknown;
const callOriginal = uncurryThis(original);

// V8's own calls `fn` from code that is not optimised with it, which boxes each number that it
// returns, and takes zeroed memory.
function mapInto(result: never[], source: never[], length: number, fn: Callback): never[] {
  for (let i = 0; i < length; i++) result[i] = fn(source[i], i, source as never) as never;
  return result;
}

function mapToFloats(
  result: number[],
  source: number[],
  length: number,
  fn: (value: number, index: number, array: number[]) => number,
  double: Float64Array,
): number[] {
  for (let i = 0; i < length; i++) {
    double[0] = fn(source[i] as number, i, source);
    result[i] = double[0];
  }
  return result;
}

const loops = new SafeMap<Kind['name'], MapInto>();
for (const name of typedArrays.keys()) {
  const loop = holdsSmallFloats(name) ? mapToFloats : mapInto;
  loops.set(name, compileAnew(loop as never, `${name}.map`) as MapInto);
}

// For fewer elements it does not pay to make sure that nobody else makes the result.
const FEWEST_ELEMENTS = 256;

// What made the last result of resultFor is filled by.
let fill: MapInto;

/** An array for the results, undefined when V8 is to do it all. */
function resultFor(source: unknown, fn: unknown, self: unknown): TypedArray | undefined {
  if (kindOf(source) === undefined || typeof fn !== 'function' || self !== undefined)
    return undefined;
  const array = source as TypedArray;
  const length = lengthOf(array);
  if (length < FEWEST_ELEMENTS) return undefined;
  const kind = ordinaryKindOf(array);
  if (kind === undefined) return undefined;
  fill = loops.get(kind.name) as MapInto;
  return allocateArray(kind, undefined, length, true) ?? new kind.Original(length);
}

// V8 looks at the species before it calls anything.
function asV8Does(source: unknown, fn: unknown, self: unknown): unknown {
  const served = typeof fn === 'function' && isOrdinary(source);
  return served ? callServed(callOriginal, source, fn, self) : callOriginal(source, fn, self);
}

const replacement = {
  // Small enough to be inlined, and with it the loop and `fn`.
  map(this: unknown, fn: unknown, self: unknown): unknown {
    if (gate.open === 0) return callOriginal(this, fn, self);
    const result = resultFor(this, fn, self);
    if (result === undefined) return asV8Does(this, fn, self);
    return fill(result, this as TypedArray, lengthOf(result), fn as Callback, double);
  },
}.map;

/** Replaces `%TypedArray%.prototype.map`. */
export function patchMap(patches: Patches): void {
  patches.replace(TypedArrayBase.prototype, 'map', { value: disguise(replacement, original) });
}
