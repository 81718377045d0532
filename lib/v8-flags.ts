import v8 from 'node:v8';

// Flags are the whole process's: other threads that do the same may take one back in between.
const MOST_TRIES = 10;

/**
 * Calls `fn` while a flag of V8's is set, which is taken back at once so that no other code sees it.
 * @param fn - throws where the flag is not set
 * @returns undefined where flags are frozen (snapshots, embedders) or `fn` keeps throwing
 */
export function withFlag<T>(name: string, fn: () => T): T | undefined {
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
