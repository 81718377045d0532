import { collectedSource } from './collected.js';
import { gate } from './gate.js';
import type { Release } from './options.js';
import { forgetPlace, isReleased, type Source } from './source.js';

/** What is current while `fn` of an `arena(fn)` runs, and in what it starts. */
export class Scope {
  /** Infinite once the scope has ended: an ended scope serves nothing. */
  minBytes: number;
  /** Where `rewind` goes when the scope shares its parent's memory. */
  readonly mark: unknown;

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
    this.mark = source === parent?.source && isReleased(source) ? source.mark() : undefined;
  }

  get ended(): boolean {
    return this.minBytes === Number.POSITIVE_INFINITY;
  }

  end(): void {
    if (this.ended) return;
    this.minBytes = Number.POSITIVE_INFINITY;
    gate.open--;
    if (!this.sparing) gate.given--;
    forgetPlace();
    const { source } = this;
    if (!isReleased(source)) return;
    if (this.mark === undefined) source.release();
    else source.rewind(this.mark);
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
