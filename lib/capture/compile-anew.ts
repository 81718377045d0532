import vm from 'node:vm';

const { compileFunction } = vm;

/**
 * A copy of a function that refers to nothing but its parameters: functions that share their code
 * share what V8 learns about it, such as the kinds of array they have seen.
 *
 * @param name - of what it is compiled for, as stack traces show it
 */
export function compileAnew<T extends (...args: never[]) => unknown>(fn: T, name: string): T {
  return compilerOf(fn)(name);
}

/** {@link compileAnew} for later, when a program may have replaced what shows the source of functions. */
export function compilerOf<T extends (...args: never[]) => unknown>(fn: T): (name: string) => T {
  const source = `'use strict'; return ${fn}`;
  return (name) => compileFunction(source, [], { filename: `arena-pirate:${name}` })() as T;
}
