// Less than this no help makes shorter: waking the threads takes 0.04 to 0.12 ms.
import { MathMin } from './primordials.js';

const WORTH_HELP = 0.25;
// How much each collection counts for what the next one is expected to take.
const WEIGHT = 0.25;
// After so many the way that seems the longer one is tried again: soon at first, as the first collections of a process
// take several times as long as those that follow.
const FIRST_RETRY = 2;
const LAST_RETRY = 32;

/** Learns whether collections of the young generation are shorter with V8's other threads than without. */
export class HelpChoice {
  // Milliseconds that the next one is expected to take, 0 where nothing is known.
  #alone = 0;
  #helped = 0;
  #asked = 0;
  #retryAt = FIRST_RETRY;

  /** Whether the next one had better be helped. */
  isWanted(): boolean {
    if (this.#alone < WORTH_HELP) return false;
    this.#asked++;
    if (this.#asked < this.#retryAt) return this.#helps;
    this.#asked = 0;
    this.#retryAt = MathMin(2 * this.#retryAt, LAST_RETRY);
    return !this.#helps;
  }

  get #helps(): boolean {
    return this.#helped < this.#alone;
  }

  /** Learns what one took. */
  learn(milliseconds: number, helped: boolean): void {
    // What was known of the other way is old.
    const weight = helped === this.#helps ? WEIGHT : 1;
    if (helped) this.#helped += weight * (milliseconds - this.#helped);
    else this.#alone += weight * (milliseconds - this.#alone);
  }
}
