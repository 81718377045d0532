import { Counter, counters } from './counters.js';
import { leave, type Made, siteHere } from './escapes.js';
import { OriginalArrayBuffer } from './intrinsics.js';
import { place, type Released, Source } from './source.js';
import { stamp } from './window.js';

let uses = 0;

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

  // The window has no room ever, so every allocation comes here.
  override allocate(bytes: number): boolean {
    const site = siteHere();
    if (site === undefined) return false;
    const buffer = new OriginalArrayBuffer(bytes);
    stamp(buffer, 'whole');
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
  }
}
