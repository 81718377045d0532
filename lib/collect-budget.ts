const MIB = 2 ** 20;

// Memory that waits leaves the cache: walking through more than 12 MiB of it costs about 50 µs per
// further MiB where every element is written. Collecting earlier may cost two fifths of that. Collections are
// dearer the more has passed through the cache since the last one (70 µs after 4 MiB, 200 after 16), so that with less
// than that both few long and many short ones would justify themselves.
const MILLISECONDS_PER_BYTE = 0.02 / MIB;
// Of all time. Where less is done with the memory, walking through it costs less, too.
const MOST_TIME = 0.1;
// Of what is configured: how little may be enough, and what collections may ask for by the time they
// take of all.
const LEAST_SHARE = 1 / 2;
const MOST_SHARE = 3 / 4;

// How much each collection counts for what the next one is expected to take.
const WEIGHT = 0.25;
// V8's own collections come before dear ones of ours, which then tell us nothing. So each makes us
// expect a little less, until we try one again.
const FORGETTING = 0.95;

// From V8 13 on (Node 24) a collection of the young generation that is asked for while V8 marks everything in the
// background ends the marking first, at once and on this thread: with 300 MB of objects that takes 0.15 s instead of
// 0.3 ms. Nothing tells whether V8 is marking, and where it marks it does so over and over. So what took so long tells
// us to leave the collecting to V8 for a while, each time it happens again for longer, unless very much waits.
const FULL_MILLISECONDS = 15;
// Of those of late. One alone may be the machine's doing.
const MANY_FULL = 0.3;
/** Collections of V8's own. */
const FIRST_LEAVE = 64;
const LONGEST_LEAVE = 4096;
const LEAVE_FORGETTING = 0.99;
/** Times what is configured. */
const MOST_ON_LEAVE = 8;

/** How much memory may wait before the next collection: less where collections are cheap. */
export class CollectBudget {
  #milliseconds = 0;
  // With so many in between, collections take MOST_TIME.
  #bytesForTime: number;
  // How many of V8's own are still to come before we ask for one, and how many it will be the next time.
  #leave = 0;
  #nextLeave = FIRST_LEAVE;
  #shareOfFull = 0;

  /** @param most - bytes, what is configured */
  constructor(readonly most: number) {
    this.#bytesForTime = most * MOST_SHARE;
  }

  get bytes(): number {
    const { most } = this;
    if (this.#leave > 0) return most * MOST_ON_LEAVE;
    const worthIt = this.#milliseconds / MILLISECONDS_PER_BYTE;
    const forTime = Math.min(this.#bytesForTime, most * MOST_SHARE);
    return Math.min(Math.max(worthIt, forTime, most * LEAST_SHARE), most);
  }

  /**
   * Learns what a collection took.
   * @param elapsed - milliseconds since the one before had ended
   */
  learn(milliseconds: number, elapsed: number): void {
    const isFull = milliseconds >= FULL_MILLISECONDS;
    this.#shareOfFull += WEIGHT * (Number(isFull) - this.#shareOfFull);
    if (isFull && this.#shareOfFull > MANY_FULL) {
      this.#leave = this.#nextLeave;
      this.#nextLeave = Math.min(2 * this.#nextLeave, LONGEST_LEAVE);
      return;
    }
    this.#leave = 0;
    this.#nextLeave = Math.max(LEAVE_FORGETTING * this.#nextLeave, FIRST_LEAVE);
    // A coarse clock may say 0 of both.
    const share = milliseconds > 0 ? milliseconds / Math.max(milliseconds, elapsed) : 0;
    const bytesForTime = (this.bytes * share) / MOST_TIME;
    this.#bytesForTime += WEIGHT * (bytesForTime - this.#bytesForTime);
    this.#milliseconds += WEIGHT * (milliseconds - this.#milliseconds);
  }

  /** Learns that V8 has collected by itself. */
  forget(): void {
    if (this.#leave > 0) {
      this.#leave--;
      return;
    }
    this.#bytesForTime *= FORGETTING;
    this.#milliseconds *= FORGETTING;
  }
}
