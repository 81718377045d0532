const MIB = 2 ** 20;

// Memory that waits leaves the cache: walking through 32 MiB instead of 12 costs about 50 µs per MiB
// where every element is written. Collecting earlier may cost a quarter of that.
const MILLISECONDS_PER_BYTE = 0.0125 / MIB;
// Of what is configured.
const LEAST_SHARE = 3 / 8;

// How much each collection counts for what the next one is expected to take.
const WEIGHT = 0.25;
// V8's own collections come before dear ones of ours, which then tell us nothing. So each makes us
// expect a little less, until we try one again.
const FORGETTING = 0.95;

/** How much memory may wait before the next collection: less where collections are cheap. */
export class CollectBudget {
  #milliseconds = 0;

  /** @param most - bytes, what is configured */
  constructor(readonly most: number) {}

  get bytes(): number {
    const worthIt = this.#milliseconds / MILLISECONDS_PER_BYTE;
    return Math.min(Math.max(worthIt, this.most * LEAST_SHARE), this.most);
  }

  /** Learns what a collection took. */
  learn(milliseconds: number): void {
    this.#milliseconds += WEIGHT * (milliseconds - this.#milliseconds);
  }

  /** Learns that V8 has collected by itself. */
  forget(): void {
    this.#milliseconds *= FORGETTING;
  }
}
