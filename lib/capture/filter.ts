import { gate } from '../gate.js';
import {
  bufferOf,
  kindOf,
  lengthOf,
  setElements,
  type TypedArray,
  TypedArrayBase,
  typedArrays,
} from '../intrinsics.js';
import { SafeMap, uncurryThis } from '../primordials.js';
import { compileAnew } from './compile-anew.js';
import { allocateArray } from './construct-slow.js';
import type { Kind } from './constructor.js';
import { disguise } from './native-source.js';
import { isOrdinary, ordinaryKindOf } from './ordinary.js';
import type { Patches } from './patches.js';
import { double, holdsSmallFloats } from './through-double.js';
import { constructorOf, twinOf } from './twin.js';

const original = TypedArrayBase.prototype.filter as (this: unknown, ...args: unknown[]) => unknown;
const callOriginal = uncurryThis(original);

type Callback = (this: unknown, value: unknown, index: number, array: unknown) => unknown;
type FilterInto = (
  kept: TypedArray,
  source: TypedArray,
  length: number,
  fn: Callback,
  double: Float64Array,
) => number;

// As with `map`: V8's own calls `fn` from code that is not optimised with it.
function filterInto(kept: never[], source: never[], length: number, fn: Callback): number {
  let count = 0;
  for (let i = 0; i < length; i++) {
    const value = source[i] as never;
    if (fn(value, i, source)) kept[count++] = value;
  }
  return count;
}

function filterFloatsInto(
  kept: number[],
  source: number[],
  length: number,
  fn: Callback,
  double: Float64Array,
): number {
  let count = 0;
  for (let i = 0; i < length; i++) {
    const value = source[i] as number;
    if (!fn(value, i, source)) continue;
    double[0] = value;
    kept[count++] = double[0];
  }
  return count;
}

const loops = new SafeMap<Kind['name'], FilterInto>();
for (const name of typedArrays.keys()) {
  // What has vanished from an array of bigints meanwhile is refused when all has been asked for.
  if (name.startsWith('Big')) continue;
  const loop = holdsSmallFloats(name) ? filterFloatsInto : filterInto;
  loops.set(name, compileAnew(loop as never, `${name}.filter`) as FilterInto);
}

// For fewer elements it does not pay to keep them twice.
const FEWEST_ELEMENTS = 64;

function filterHere(source: TypedArray, kind: Kind, fill: FilterInto, fn: Callback): unknown {
  const length = lengthOf(source);
  const kept = new kind.Original(length);
  const count = fill(kept, source, length, fn, double);
  const part = new kind.Original(bufferOf(kept), 0, count);
  // Only now does V8 look at the constructor.
  if (ordinaryKindOf(source) === undefined) {
    return callOriginal(twinOf(part, constructorOf(source)), () => true);
  }
  const result = allocateArray(kind, undefined, count, true) ?? new kind.Original(count);
  setElements(result, part as unknown as ArrayLike<unknown>);
  return result;
}

function filterAsV8Does(source: TypedArray, fn: Callback, self: unknown): unknown {
  const last = lengthOf(source) - 1;
  const call = uncurryThis(fn);
  // V8 looks at the species after the last call: nothing that users do may come between.
  const asUsers: Callback = function (value, index, array) {
    const keep = call(this, value, index, array);
    if (index === last) gate.serveSpecies = isOrdinary(array);
    return keep;
  };
  try {
    gate.serveSpecies = last < 0;
    return callOriginal(source, asUsers, self);
  } finally {
    gate.serveSpecies = false;
  }
}

const replacement = {
  filter(this: unknown, fn: unknown, self: unknown): unknown {
    if (gate.open === 0 || typeof fn !== 'function' || kindOf(this) === undefined) {
      return callOriginal(this, fn, self);
    }
    const source = this as TypedArray;
    const kind = ordinaryKindOf(source);
    if (kind === undefined) return callOriginal(this, fn, self);
    const fill = loops.get(kind.name);
    return fill !== undefined && self === undefined && lengthOf(source) >= FEWEST_ELEMENTS
      ? filterHere(source, kind, fill, fn as Callback)
      : filterAsV8Does(source, fn as Callback, self);
  },
}.filter;

/** Replaces `%TypedArray%.prototype.filter`, whose results arenas serve. */
export function patchFilter(patches: Patches): void {
  patches.replace(TypedArrayBase.prototype, 'filter', { value: disguise(replacement, original) });
}
