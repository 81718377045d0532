/** Items that are sent to a worker together. */
export interface Chunk {
  readonly first: number;
  readonly count: number;
}

// Sending and answering take some 0.02 ms, of both threads.
const MILLISECONDS_PER_CHUNK = 20;
// What a few items have taken says little of thousands.
const MOST_GROWTH = 4;

/** Cuts items into chunks as workers ask for them. */
export class Chunks {
  #next = 0;
  // As many as would have taken the right time, by the chunk that was done last.
  #wanted = 1;

  /**
   * @param total - how many items there are
   * @param workers - how many workers share them
   * @param size - of each chunk; undefined to choose it by what the items take
   */
  constructor(
    readonly total: number,
    readonly workers: number,
    readonly size: number | undefined,
  ) {}

  /** @returns the next chunk, for a worker that has nothing to do; undefined when all are taken */
  take(): Chunk | undefined {
    const first = this.#next;
    const count = this.#nextCount();
    if (count === 0) return undefined;
    this.#next += count;
    return { first, count };
  }

  /**
   * @returns the next chunk, for a worker that is busy yet; undefined when there are not enough for every
   *   worker to get one more, so that whichever is first to be idle gets it
   */
  takeAhead(): Chunk | undefined {
    const left = this.total - this.#next;
    return left < this.workers * this.#nextCount() ? undefined : this.take();
  }

  #nextCount(): number {
    const left = this.total - this.#next;
    // Half of what is left to each worker: the last chunks are small, so that all end together.
    const fair = Math.ceil(left / (2 * this.workers));
    return Math.min(left, this.size ?? Math.min(fair, this.#wanted));
  }

  /** A chunk's items have taken so much time. */
  finish({ count }: Chunk, milliseconds: number): void {
    const fitting = Math.floor((count * MILLISECONDS_PER_CHUNK) / milliseconds);
    this.#wanted = Math.max(1, Math.min(fitting, count * MOST_GROWTH));
  }
}
