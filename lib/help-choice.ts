// Less than this no help makes shorter: waking the threads takes 0.04 to 0.12 ms.
const WORTH_HELP = 0.25;
// How much each collection counts for what the next one is expected to take.
const WEIGHT = 0.25;
// After so many the way that seems the longer one is tried again.
const RETRY = 32;

/** Learns whether collections of the young generation are shorter with V8's other threads than without. */
export class HelpChoice {
  // Milliseconds that the next one is expected to take, 0 where nothing is known.
  #alone = 0;
  #helped = 0;
  #asked = 0;

  /** Whether the next one had better be helped. */
  isWanted(): boolean {
    if (this.#alone < WORTH_HELP) return false;
    this.#asked++;
    const isShorter = this.#helped < this.#alone;
    return this.#asked % RETRY === 0 ? !isShorter : isShorter;
  }

  /** Learns what one took. */
  learn(milliseconds: number, helped: boolean): void {
    if (helped) this.#helped = next(this.#helped, milliseconds);
    else this.#alone = next(this.#alone, milliseconds);
  }
}

function next(expected: number, milliseconds: number): number {
  return expected === 0 ? milliseconds : expected + WEIGHT * (milliseconds - expected);
}
