import { AsyncLocalStorage } from 'node:async_hooks';
import { Counter, counters } from './counters.js';
import { leave, type Made, siteHere } from './escapes.js';
import { OriginalArrayBuffer } from './intrinsics.js';
import { place, type Released, Source } from './source.js';
import { stampChecked } from './window.js';

let uses = 0;

/** The scopes that a function has opened, and what it has started; not those of others meanwhile. */
export interface Tally {
  /** How many have not ended. */
  open: number;
  /** Of the function that the function was called in. */
  readonly outer: Tally | undefined;
}

const tallies = new AsyncLocalStorage<Tally>();
let talliesInUse = 0;

/** @returns what {@link inTally} counts in, until {@link endTally} */
export function beginTally(): Tally {
  talliesInUse++;
  return { open: 0, outer: tallies.getStore() };
}

/** Calls `fn`, and counts the scopes that are opened there. */
export function inTally<T>(tally: Tally, fn: () => T): T {
  return tallies.run(tally, fn);
}

export function endTally(): void {
  talliesInUse--;
  // On Node 20 and 22 a storage that has been run makes every await take longer.
  if (talliesInUse === 0) tallies.disable();
}

/** How many scopes of this thread have been checked. */
export function checkedScopes(): number {
  return uses;
}

/** What a checked scope allocates from: what the scope around it does, where that is checked too. */
export function checkedSource(shared: Source | undefined): CheckedSource {
  uses++;
  return shared instanceof CheckedSource ? shared : new CheckedSource();
}

/**
 * What a checked `'exit'` scope and the synchronous scopes nested in it allocate from: an
 * ArrayBuffer for each allocation, so that each can be detached and told from the others.
 */
class CheckedSource extends Source implements Released<number> {
  override readonly isReleased = true;
  readonly #made: Made[] = [];
  // Scopes that share the source of another are synchronous: they have ended when anybody asks.
  readonly #tally = tallies.getStore();

  constructor() {
    super();
    this.#count(1);
  }

  #count(change: 1 | -1): void {
    for (let tally = this.#tally; tally !== undefined; tally = tally.outer) tally.open += change;
  }

  // The window has no room ever, so every allocation comes here.
  override allocate(bytes: number): boolean {
    const site = siteHere();
    if (site === undefined) return false;
    const buffer = new OriginalArrayBuffer(bytes);
    stampChecked(buffer);
    this.#made.push({ site, buffer });
    place.buffer = buffer;
    place.offset = 0;
    counters[Counter.Captured]++;
    return true;
  }

  mark(): number {
    return this.#made.length;
  }

  hasTaken(mark = 0): boolean {
    return this.#made.length > mark;
  }

  rewind(mark: number): void {
    leave(this.#made.splice(mark));
  }

  release(): void {
    this.rewind(0);
    this.#count(-1);
  }

  leave(): void {
    this.#made.length = 0;
    this.#count(-1);
  }
}
