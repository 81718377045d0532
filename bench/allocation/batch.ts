import { compileAnew } from './compile-anew.js';
import type { Make } from './constructions.js';
import type { Use } from './workloads.js';

/** Makes and uses the arrays of so many scopes; the result depends on every one. */
export type Batch = (scopes: number, arrays: number, length: number) => number;

/** Runs one scope. */
export type InScope = (fn: () => number) => number;

/** Where a variant's arrays come from and what its scopes are. */
export interface Allocator {
  readonly make: Make;
  readonly inScope: InScope;
}

/** Gives one that no code has been compiled for yet. */
export type AllocatorMaker = () => Allocator;

/**
 * The code of a variant, compiled for nothing else.
 *
 * @param use - what is done with each array
 */
export function makeBatch({ make, inScope }: Allocator, use: Use): Batch {
  return compileAnew(batchOf)(make, [compileAnew(use), compileAnew(use)], inScope);
}

/** Scopes where there are none. */
export function noScope(): InScope {
  return compileAnew(withoutScope)();
}

// What follows is source text for compileAnew.

// Two functions take turns, as V8 inlines the only one that it has seen in a place or does not, by chance, and one that is
// inlined by Maglev never gets TurboFan's code: a loop in it takes up to seven times as long (`length` on Node 24).
function batchOf(make: Make, [use, useToo]: readonly [Use, Use], inScope: InScope): Batch {
  let arrays = 0;
  let length = 0;
  let next = use;
  let afterwards = useToo;
  function oneScope(): number {
    let sum = 0;
    for (let i = 0; i < arrays; i++) {
      const used = next;
      next = afterwards;
      afterwards = used;
      sum += used(make(length, i), i);
    }
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

function withoutScope(): InScope {
  return (fn) => fn();
}
