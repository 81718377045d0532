import vm from 'node:vm';

/**
 * The same function, compiled again. V8 keeps what it learns about a piece of code with the code:
 * variants that shared theirs would be optimised for all of them at once, and measure each other.
 *
 * @param fn - must refer to nothing but its parameters and globals
 */
export function compileAnew<F extends (...args: never[]) => unknown>(fn: F): F {
  return vm.compileFunction(`'use strict'; return ${fn.toString()}`)() as F;
}
