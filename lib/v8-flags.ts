import { readFileSync } from 'node:fs';
import v8 from 'node:v8';

// Flags are the whole process's: other threads that do the same may take one back in between.
const MOST_TRIES = 10;

const FREEZING = /^--freeze[-_]flags[-_]after[-_]init$/;

// V8 complains about flags that it does not know, to standard error. Those of Node 20 to 26 know ours.
const LATEST_V8 = 14;

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

// Both set others.
const SETS_SEVERAL = /^--(single[-_]threaded|predictable)/;

/** Whether whoever started Node has said something about one of `names`; `NODE_OPTIONS` cannot. */
function areMentioned(names: readonly string[]): boolean {
  return commandLine().some(
    (argument) =>
      SETS_SEVERAL.test(argument) ||
      (argument.startsWith('--') &&
        names.some((name) => argument.replaceAll('_', '-').includes(name))),
  );
}

// A program may replace it.
const { setFlagsFromString } = v8;

/** Flags that are turned off for a moment. */
export interface FlagSwitch {
  off(): void;
  on(): void;
}

/**
 * A switch for flags that V8 sets by default.
 * @param names - without dashes in front
 * @returns undefined where they cannot be set, or are somebody else's to set
 */
export function switchFor(names: readonly string[]): FlagSwitch | undefined {
  const isKnown = Number.parseInt(process.versions.v8, 10) <= LATEST_V8;
  if (!isKnown || areFrozen() || areMentioned(names)) return undefined;
  const off = names.map((name) => `--no-${name}`).join(' ');
  const on = names.map((name) => `--${name}`).join(' ');
  return { off: () => setFlagsFromString(off), on: () => setFlagsFromString(on) };
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
