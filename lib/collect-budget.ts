const MIB = 2 ** 20;

// Memory that waits leaves the cache: walking through more than 12 MiB of it costs about 50 µs per
// further MiB where every element is written. Collecting earlier may cost a third of that.
const MILLISECONDS_PER_BYTE = 0.0175 / MIB;
// Of all time. Where less is done with the memory, walking through it costs less, too.
const MOST_TIME = 0.1;
// Of what is configured: how little may be enough, and what collections may ask for by the time they
// take of all.
const LEAST_SHARE = 1 / 4;
const MOST_SHARE = 3 / 4;

// How much each collection counts for what the next one is expected to take.
const WEIGHT = 0.25;
// V8's own collections come before dear ones of ours, which then tell us nothing. So each makes us
// expect a little less, until we try one again.
const FORGETTING = 0.95;

/** How much memory may wait before the next collection: less where collections are cheap. */
export class CollectBudget {
  #milliseconds = 0;
  // With so many in between, collections take MOST_TIME.
  #bytesForTime: number;

  /** @param most - bytes, what is configured */
  constructor(readonly most: number) {
    this.#bytesForTime = most * MOST_SHARE;
  }

  get bytes(): number {
    const { most } = this;
    const worthIt = this.#milliseconds / MILLISECONDS_PER_BYTE;
    const forTime = Math.min(this.#bytesForTime, most * MOST_SHARE);
    return Math.min(Math.max(worthIt, forTime, most * LEAST_SHARE), most);
  }

  /**
   * Learns what a collection took.
   * @param elapsed - milliseconds since the one before had ended
   */
  learn(milliseconds: number, elapsed: number): void {
    // A coarse clock may say 0 of both.
    const share = milliseconds > 0 ? milliseconds / Math.max(milliseconds, elapsed) : 0;
    const bytesForTime = (this.bytes * share) / MOST_TIME;
    this.#bytesForTime += WEIGHT * (bytesForTime - this.#bytesForTime);
    this.#milliseconds += WEIGHT * (milliseconds - this.#milliseconds);
  }

  /** Learns that V8 has collected by itself. */
  forget(): void {
    this.#bytesForTime *= FORGETTING;
    this.#milliseconds *= FORGETTING;
  }
}
