import { AskedProcess } from '../support/asked-process.js';
import type { PassProcess } from '../support/pass-sets.js';

const PROGRAM = require.resolve('./child.js');

/** What loads the package before everything else, as a program does whose libraries it is to serve. */
export const REGISTER = ['--require', require.resolve('arena-pirate/register')];
/** What keeps each job's arrays, without the package. */
export const KEEP_ARRAYS = ['--require', require.resolve('../support/kept-arrays.js')];

/** What Node needs before a variant's libraries. */
export function optionsFor(variant: LibraryTask['variant']): readonly string[] {
  if (variant === 'plain') return [];
  return variant === 'floor' ? KEEP_ARRAYS : REGISTER;
}

/** What a process does in each pass. */
export interface LibraryTask {
  /** Of the panel. */
  readonly library: string;
  /** Each job in a scope, or none, or with arrays kept from its first run. */
  readonly variant: 'plain' | 'collected' | 'exit' | 'floor';
  /** How many of the pipeline's jobs at most. */
  readonly jobs?: number | undefined;
}

export function startLibrary(task: LibraryTask, nodeOptions: readonly string[]): PassProcess {
  return new AskedProcess(PROGRAM, [JSON.stringify(task)], task.library, { nodeOptions });
}
