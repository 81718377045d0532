import { type ArenaOptions, arena, isArenaArray } from 'arena-pirate';
import { compileAnew } from './compile-anew.js';
import { PlainFloat64Array } from './plain.js';
import type { Variant } from './variant.js';
import type { Use } from './workloads.js';

/** Makes and uses the arrays of so many scopes; the result depends on every one. */
export type Batch = (scopes: number, arrays: number, length: number) => number;

type Make = (length: number, index: number) => Float64Array;
type InScope = (fn: () => number) => number;

if (arena.sync(() => isArenaArray(new PlainFloat64Array(1024)))) {
  throw new Error('arena-pirate was loaded before the constructors of plain Node were kept');
}

/**
 * The code of a variant, compiled for nothing else.
 *
 * @param use - what is done with each array
 * @param memory - where the arrays of a `'floor'` scope lie
 */
export function makeBatch(variant: Variant, use: Use, memory: ArrayBuffer): Batch {
  return compileAnew(batchOf)(maker(variant, memory), compileAnew(use), scopeOpener(variant));
}

function maker(variant: Variant, memory: ArrayBuffer): Make {
  switch (variant) {
    case 'plain':
      return compileAnew(makePlain)(PlainFloat64Array);
    case 'floor':
      return compileAnew(makeView)(PlainFloat64Array, memory);
    default:
      return compileAnew(makeOrdinary)();
  }
}

function scopeOpener(variant: Variant): InScope {
  if (variant === 'plain' || variant === 'floor') return compileAnew(withoutScope)();
  return compileAnew(inArena)(arena.sync, { release: variant });
}

// What follows is source text for compileAnew.

function batchOf(make: Make, use: Use, inScope: InScope): Batch {
  let arrays = 0;
  let length = 0;
  function oneScope(): number {
    let sum = 0;
    for (let i = 0; i < arrays; i++) sum += use(make(length, i), i);
    return sum;
  }
  return (scopes, arraysPerScope, arrayLength) => {
    arrays = arraysPerScope;
    length = arrayLength;
    let sum = 0;
    for (let scope = 0; scope < scopes; scope++) sum += inScope(oneScope);
    return sum;
  };
}

function makePlain(Plain: Float64ArrayConstructor): Make {
  return (length) => new Plain(length);
}

function makeOrdinary(): Make {
  return (length) => new Float64Array(length);
}

function makeView(Plain: Float64ArrayConstructor, memory: ArrayBuffer): Make {
  return (length, index) => new Plain(memory, 8 * index * length, length).fill(0);
}

function withoutScope(): InScope {
  return (fn) => fn();
}

function inArena(sync: typeof arena.sync, options: ArenaOptions): InScope {
  return (fn) => sync(fn, options);
}
