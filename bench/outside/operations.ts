import type { Operations } from '../support/operation.js';

/** The arrays that properties are read from: several, so that no read is moved out of the loop. */
const ARRAYS = Array.from({ length: 8 }, () => new Float64Array(128));
const MASK = ARRAYS.length - 1;

/** One that nothing else is known of, as libraries make them. */
class Vector extends Float64Array {}

const at = (index: number): Float64Array => ARRAYS[index & MASK] as Float64Array;

/** Ordinary allocation, for which the package promises something. */
export const ALLOCATIONS = {
  'new Float64Array, 16 B': () => new Float64Array(2).length,
  'new Float64Array, 1 KB': () => new Float64Array(128).length,
  'new Float64Array, 64 KB': () => new Float64Array(8192).length,
} satisfies Operations;

/** What ordinary code does with typed arrays and Buffers, and the package has replaced. */
export const OPERATIONS: Operations = {
  ...ALLOCATIONS,
  'new Uint8Array([1, 2, 3])': () => new Uint8Array([1, 2, 3]).length,
  'new Float64Array(buffer, 8, 4)': () => new Float64Array(BUFFER, 8, 4).length,
  'new (class extends Float64Array), 1 KB': () => new Vector(128).length,
  '.subarray(8, 16)': (index) => at(index).subarray(8, 16).length,
  '.slice(), 1 KB': (index) => at(index).slice().length,
  '.map(x => x + 1), 1 KB': (index) => at(index).map(increment).length,
  '.buffer': (index) => at(index).buffer.byteLength,
  '.byteOffset': (index) => at(index).byteOffset,
  'instanceof Float64Array': (index) => Number(at(index) instanceof Float64Array),
  'Buffer.allocUnsafe(100)': () => Buffer.allocUnsafe(100).length,
  'Buffer.alloc(1000)': () => Buffer.alloc(1000).length,
  "Buffer.from('text')": () => Buffer.from('text').length,
  ...messages({
    'an object of 3 values': { id: 1, command: 'run', ok: true },
    '100 records': Array.from({ length: 100 }, (_, id) => ({
      id,
      name: `record ${id}`,
      place: { x: id / 2, y: -id },
      tags: ['a', 'b'],
    })),
    '1,000 numbers': Array.from({ length: 1000 }, (_, i) => i / 2),
    '1,000 words': Array.from({ length: 1000 }, (_, i) => `word ${i}`),
  }),
};

/** Has V8 copy messages without arena memory, which the package looks for in them. */
function messages(values: Readonly<Record<string, object>>): Operations {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `structuredClone of ${name}`,
      () => Number(structuredClone(value) !== value),
    ]),
  );
}

const BUFFER = new ArrayBuffer(1024);

function increment(x: number): number {
  return x + 1;
}
