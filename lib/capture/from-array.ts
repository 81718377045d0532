import { type TypedArray, typedArrays } from '../intrinsics.js';
import { ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, SafeMap } from '../primordials.js';
import { compileAnew } from './compile-anew.js';

// What V8 makes of an ordinary array it copies to a list first, as an element that is an object may
// change the array when it is asked for its number. Numbers ask nobody: they are copied as they are
// read, which saves the list, of a megabyte with all that V8 does for one.

/** Goes on when `copied` elements are done, `read` has been read and not copied, and the rest may be anything. */
type Finish = (copied: number, read: readonly unknown[]) => TypedArray;
type CopyNumbers = (
  target: TypedArray,
  source: readonly unknown[],
  count: number,
  finish: Finish,
) => TypedArray;

// Refers to nothing but its parameters. Reads the length each time, as an iterator does: elements
// may be getters.
function copyNumbers(
  target: number[],
  source: readonly unknown[],
  count: number,
  finish: (copied: number, read: readonly unknown[]) => number[],
): number[] {
  let i = 0;
  for (; i < count && i < source.length; i++) {
    const value = source[i];
    if (typeof value === 'number') target[i] = value;
    // Holes, as a rule. Not-a-number without a name that somebody could have replaced.
    else if (value === undefined) target[i] = 0 / 0;
    else return finish(i, [value]);
  }
  return source.length === count ? target : finish(i, []);
}

const loops = new SafeMap<string, CopyNumbers>();
for (const name of typedArrays.keys()) {
  if (name.startsWith('Big')) continue;
  loops.set(name, compileAnew(copyNumbers, `new ${name}`) as unknown as CopyNumbers);
}

/** What copies an ordinary array's numbers to a typed array of that name; none for those of BigInts. */
export function numberCopierOf(name: string): CopyNumbers | undefined {
  return loops.get(name);
}

const arrayIterator: object = ObjectGetPrototypeOf([][Symbol.iterator]());
const { value: originalNext } = ObjectGetOwnPropertyDescriptor(
  arrayIterator,
  'next',
) as PropertyDescriptor;

/** Whether the iterators of arrays are what they were. */
export function hasOrdinaryIterators(): boolean {
  return ObjectGetOwnPropertyDescriptor(arrayIterator, 'next')?.value === originalNext;
}
