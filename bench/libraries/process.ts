import { AskedProcess } from '../support/asked-process.js';
import type { PassProcess } from '../support/pass-sets.js';

const PROGRAM = require.resolve('./child.js');

/** What loads the package before everything else, as a program does whose libraries it is to serve. */
export const REGISTER = ['--require', require.resolve('arena-pirate/register')];

/** What a process does in each pass. */
export interface LibraryTask {
  /** Of the panel. */
  readonly library: string;
  /** Each job in a scope, or none. */
  readonly variant: 'plain' | 'collected' | 'exit';
  /** How many of the pipeline's jobs at most. */
  readonly jobs?: number | undefined;
}

export function startLibrary(task: LibraryTask, nodeOptions: readonly string[]): PassProcess {
  return new AskedProcess(PROGRAM, [JSON.stringify(task)], task.library, { nodeOptions });
}
