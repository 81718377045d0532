import { createRequire } from 'node:module';
import { join } from 'node:path';
import { KIB } from '../settings.js';
import type { Allocator, AllocatorMaker, InScope } from './batch.js';
import { compileAnew } from './compile-anew.js';
import type { Make } from './constructions.js';
import { type Shape, scopeBytes } from './shape.js';
import type { Peer } from './variant.js';

// All of @stdlib/array takes 437 MB: too much to ask of everyone who works on the package.
const STDLIB = '@stdlib/array/pool';
// This file is compiled to out/bench/allocation/.
const PACKAGE_ROOT = join(__dirname, '../../..');
const STDLIB_FOLDER = 'node_modules/.cache/peers';

/** What becomes a remark where the peer is not installed. */
export const WITHOUT_STDLIB =
  `${STDLIB} is left out: 'npm install --no-save --prefix ${STDLIB_FOLDER} @stdlib/array' ` +
  'brings it (437 MB)';

// What a MemPool notes beside the arrays.
const MEM_POOL_BYTES = 1 * KIB;
const MEM_POOL_BYTES_PER_ARRAY = 16;

type Take = (length: number) => Float64Array;
type Free = (array: Float64Array) => void;

/** Whether the peer is there. */
export function isInstalled(peer: Peer): boolean {
  return peer !== STDLIB || findStdlib() !== undefined;
}

/**
 * Each peer at its best: with its own way to give arrays back, after each scope. None of them promises
 * zeroes as `new` does: they clear with what they have for it, or with `fill`.
 */
export async function loadPeer(peer: Peer, shape: Shape): Promise<AllocatorMaker> {
  switch (peer) {
    case 'typedarray-pool': {
      const { default: pool } = await import('typedarray-pool');
      return () => freeingEach(compileAnew(filled)(pool.mallocDouble), pool.freeDouble);
    }
    case '@thi.ng/malloc': {
      const { MemPool } = await import('@thi.ng/malloc');
      const size =
        scopeBytes(shape) + MEM_POOL_BYTES + MEM_POOL_BYTES_PER_ARRAY * shape.arraysPerScope;
      const pool = new MemPool({ size });
      return () => ({
        make: compileAnew(takeDoubles)(pool),
        inScope: compileAnew(freeingAll)(pool),
      });
    }
    case STDLIB: {
      const found = findStdlib();
      if (found === undefined) throw new Error(WITHOUT_STDLIB);
      const pool = createRequire(found)(found) as StdlibPool;
      return () => freeingEach(compileAnew(takeZeroed)(pool), compileAnew(freeTo)(pool));
    }
  }
}

interface StdlibPool {
  calloc(length: number, type: 'float64'): Float64Array;
  free(array: Float64Array): void;
}

interface DoublesPool {
  callocAs(type: 'f64', length: number): Float64Array | undefined;
  freeAll(): void;
}

function findStdlib(): string | undefined {
  try {
    return createRequire(join(PACKAGE_ROOT, STDLIB_FOLDER, 'from.js')).resolve(STDLIB);
  } catch {
    return undefined;
  }
}

function freeingEach(take: Take, free: Free): Allocator {
  return compileAnew(noting)(take, free);
}

// What follows is source text for compileAnew.

function filled(malloc: Take): Take {
  return (length) => malloc(length).fill(0);
}

function takeZeroed(pool: StdlibPool): Take {
  return (length) => pool.calloc(length, 'float64');
}

function freeTo(pool: StdlibPool): Free {
  return (array) => pool.free(array);
}

function noting(take: Take, free: Free): Allocator {
  const taken: Float64Array[] = [];
  let count = 0;
  return {
    make: (length) => {
      const array = take(length);
      taken[count++] = array;
      return array;
    },
    inScope: (fn) => {
      const result = fn();
      while (count > 0) free(taken[--count] as Float64Array);
      return result;
    },
  };
}

function takeDoubles(pool: DoublesPool): Make {
  return (length) => {
    const array = pool.callocAs('f64', length);
    if (array === undefined) throw new RangeError('the MemPool is too small');
    return array;
  };
}

function freeingAll(pool: DoublesPool): InScope {
  return (fn) => {
    const result = fn();
    pool.freeAll();
    return result;
  };
}
