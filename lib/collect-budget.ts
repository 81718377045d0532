import { MathMax, MathMin } from './primordials.js';

const MIB = 2 ** 20;

// Memory that waits leaves the cache: where the processor is shared, walking through arrays of which one element is written
// takes twice as long in 14 MiB as in 8. So 8 wait (half of what is configured), and more only where collections are dear:
// those of 0.1 to 0.3 ms, which come where hardly anything is alive, are worth it.
const LEAST_SHARE = 1 / 2;
const MILLISECONDS_PER_BYTE = 0.04 / MIB;

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
  // How many of V8's own are still to come before we ask for one, and how many it will be the next time.
  #leave = 0;
  #nextLeave = FIRST_LEAVE;
  #shareOfFull = 0;

  /** @param most - bytes, what is configured */
  constructor(readonly most: number) {}

  get bytes(): number {
    const { most } = this;
    if (this.#leave > 0) return most * MOST_ON_LEAVE;
    const worthIt = this.#milliseconds / MILLISECONDS_PER_BYTE;
    return MathMin(MathMax(worthIt, most * LEAST_SHARE), most);
  }

  /** Learns what a collection took. */
  learn(milliseconds: number): void {
    const isFull = milliseconds >= FULL_MILLISECONDS;
    this.#shareOfFull += WEIGHT * (Number(isFull) - this.#shareOfFull);
    if (isFull && this.#shareOfFull > MANY_FULL) {
      this.#leave = this.#nextLeave;
      this.#nextLeave = MathMin(2 * this.#nextLeave, LONGEST_LEAVE);
      return;
    }
    this.#leave = 0;
    this.#nextLeave = MathMax(LEAVE_FORGETTING * this.#nextLeave, FIRST_LEAVE);
    this.#milliseconds += WEIGHT * (milliseconds - this.#milliseconds);
  }

  /** Learns that V8 has collected by itself. */
  forget(): void {
    if (this.#leave > 0) {
      this.#leave--;
      return;
    }
    this.#milliseconds *= FORGETTING;
  }
}
