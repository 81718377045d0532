import vm from 'node:vm';

/**
 * A copy of a function that refers to nothing but its parameters: functions that share their code
 * share what V8 learns about it, such as the kinds of array they have seen.
 *
 * @param name - of what it is compiled for, as stack traces show it
 */
export function compileAnew<T extends (...args: never[]) => unknown>(fn: T, name: string): T {
  const filename = `arena-pirate:${name}`;
  return vm.compileFunction(`'use strict'; return ${fn}`, [], { filename })() as T;
}
