import { readFileSync } from 'node:fs';
import v8 from 'node:v8';
import { NumberParseInt } from './primordials.js';

// Flags are the whole process's: other threads that do the same may take one back in between.
const MOST_TRIES = 10;

// With dashes only. No regular expressions: where little stack is left, V8 fails to compile one with a SyntaxError.
const FREEZING = '--freeze-flags-after-init';
// Both set others.
const SET_SEVERAL = ['--single-threaded', '--predictable'];

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

const withDashes = (argument: string) => argument.replaceAll('_', '-');

/** Whether Node has been told to fill what `Buffer.allocUnsafe` gives with zeros, which `NODE_OPTIONS` can, too. */
export function zeroFillsBuffers(): boolean {
  const flag = '--zero-fill-buffers';
  const options = process.env.NODE_OPTIONS?.split(' ') ?? [];
  return [...commandLine(), ...options].some((argument) => withDashes(argument) === flag);
}

let frozen: boolean | undefined;

// V8 ends the process when a frozen flag is set.
function areFrozen(): boolean {
  frozen ??= commandLine().some((argument) => withDashes(argument) === FREEZING);
  return frozen;
}

/** Whether whoever started Node has said something about one of `names`; `NODE_OPTIONS` cannot. */
function areMentioned(names: readonly string[]): boolean {
  return commandLine()
    .filter((argument) => argument.startsWith('--'))
    .map(withDashes)
    .some(
      (argument) =>
        SET_SEVERAL.some((flag) => argument.startsWith(flag)) ||
        names.some((name) => argument.includes(name)),
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
  const isKnown = NumberParseInt(process.versions.v8, 10) <= LATEST_V8;
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
