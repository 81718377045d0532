import { collectedSource } from './collected.js';
import { gate } from './gate.js';
import type { Release } from './options.js';
import { forgetPlace, isReleased, type Source } from './source.js';

/**
 * Scopes whose `arena()` is still on the stack. Where the caller of `node:vm` has execution terminated, nothing on the stack is
 * told: this says which scopes were on it. Kept only while something runs that may be terminated, as V8 takes 10 ns to note
 * that something old refers to something new.
 */
export const entered: { isKept: boolean; last: Scope | undefined } = {
  isKept: false,
  last: undefined,
};

/** What is current while `fn` of an `arena(fn)` runs, and in what it starts. */
export class Scope {
  /** Infinite once the scope has ended: an ended scope serves nothing. */
  minBytes: number;
  /** Where `rewind` goes when the scope shares its parent's memory. */
  readonly mark: unknown;
  /** The one after it in {@link unended}. */
  next: Scope | undefined;
  /** The one below it in {@link entered}. */
  below: Scope | undefined;
  private isOver = false;

  constructor(
    readonly source: Source,
    readonly release: Release,
    minBytes: number,
    readonly zeroFill: boolean,
    readonly copyResult: boolean,
    readonly parent: Scope | undefined,
    readonly sync: boolean,
    /** Whether it may leave small arrays to V8: nobody has given it a `minBytes`. */
    readonly sparing: boolean,
  ) {
    this.minBytes = minBytes;
    this.next = undefined;
    this.below = undefined;
    this.mark = source === parent?.source && isReleased(source) ? source.mark() : undefined;
  }

  /** Whether it serves nothing any more. */
  get ended(): boolean {
    return this.minBytes === Number.POSITIVE_INFINITY;
  }

  /**
   * Gives back what the scope has taken.
   *
   * @param isLate - the scope around it has gone on in the memory that they share
   * @param hasFailed - its promise has been rejected, and what else was begun in it may still be at work, as after
   *   `Promise.all`
   */
  end(isLate = false, hasFailed = false): void {
    if (this.isOver) return;
    forgetPlace();
    const { source, mark } = this;
    if (isReleased(source)) {
      if (mark === undefined && hasFailed) source.leave();
      else if (mark === undefined) source.release();
      else if (!isLate) source.rewind(mark);
    }
    // Counted once, when nothing can fail any more: nothing is called from here on.
    this.isOver = true;
    gate.open--;
    if (!this.sparing) gate.given--;
  }
}

/** Ends the scopes that have been left without being told, back to the one that was the last before. */
export function endEntered(last: Scope | undefined): void {
  for (let scope = entered.last; scope !== undefined && scope !== last; scope = scope.below) {
    scope.minBytes = Number.POSITIVE_INFINITY;
    try {
      scope.end();
    } catch {
      scope.next = unended.first;
      unended.first = scope;
    }
  }
  entered.last = last;
}

/**
 * Scopes that are over and for whose end there was no stack: to call anything takes some. They are put
 * here by assignments alone.
 */
export const unended: { first: Scope | undefined } = { first: undefined };

/** Ends what a stack overflow has left behind. */
export function endUnended(): void {
  for (let scope = unended.first; scope !== undefined; scope = unended.first) {
    scope.end(true);
    unended.first = scope.next;
  }
}

/** Current where nothing is to be captured. */
export const NO_SCOPE = new Scope(
  collectedSource,
  'collected',
  Number.POSITIVE_INFINITY,
  true,
  false,
  undefined,
  true,
  false,
);
