import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MIB } from '../settings.js';
import { type Allocator, noScope } from './batch.js';
import { compileAnew } from './compile-anew.js';
import type { Make } from './constructions.js';

// About the best on all versions and machines that were tried: with less collections take more time than what stays in
// the cache saves, with more it is the other way round.
const WALKED_BYTES = 8 * MIB;

type Collect = () => void;

/**
 * Memory that is walked through from its start to its end, zeroed just before use, with a collection of the young
 * generation before it is used again: the least that it takes where only a collection tells that arrays are dead. For
 * arrays by length.
 *
 * @param bytes - of one array
 */
export function walkedAllocator(bytes: number): Allocator {
  const memory = new ArrayBuffer(Math.max(WALKED_BYTES, bytes));
  return { make: compileAnew(walkThrough)(memory, collector()), inScope: noScope() };
}

/** Collects in the shortest way there is where nearly everything is dead, for the rest of this process. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  // Waking V8's other threads takes longer than what they help with.
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--no-concurrent-array-buffer-sweeping');
  const gc = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  return () => gc({ type: 'minor' });
}

// Source text for compileAnew.
function walkThrough(memory: ArrayBuffer, collect: Collect): Make {
  let next = 0;
  return (length) => {
    if (next + 8 * length > memory.byteLength) {
      collect();
      next = 0;
    }
    const array = new Float64Array(memory, next, length).fill(0);
    next += 8 * length;
    return array;
  };
}
