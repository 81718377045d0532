import { readFileSync } from 'node:fs';
import v8 from 'node:v8';

// Flags are the whole process's: other threads that do the same may take one back in between.
const MOST_TRIES = 10;

const FREEZING = /^--freeze[-_]flags[-_]after[-_]init$/;

function commandLine(): readonly string[] {
  try {
    // A worker's execArgv may be its own. Of this encoding Node makes no Buffer: a scope may be open.
    return readFileSync('/proc/self/cmdline', 'utf8').split('\0');
  } catch {
    return process.execArgv;
  }
}

let frozen: boolean | undefined;

// V8 ends the process when a frozen flag is set.
function areFrozen(): boolean {
  frozen ??= commandLine().some((argument) => FREEZING.test(argument));
  return frozen;
}

/**
 * Calls `fn` while a flag of V8's is set, which is taken back at once so that no other code sees it.
 * @param fn - throws where the flag is not set
 * @returns undefined where flags cannot be set, or `fn` keeps throwing
 */
export function withFlag<T>(name: string, fn: () => T): T | undefined {
  if (areFrozen()) return undefined;
  for (let i = 0; i < MOST_TRIES; i++) {
    try {
      v8.setFlagsFromString(`--${name}`);
    } catch {
      return undefined;
    }
    try {
      return fn();
    } catch {
    } finally {
      v8.setFlagsFromString(`--no-${name}`);
    }
  }
  return undefined;
}
