/** The time that work has, to see whether less is to be done of what is left of it. */
export class Schedule {
  readonly #start = performance.now();

  /** @param milliseconds - unless it may take as long as it likes */
  constructor(readonly milliseconds = Number.POSITIVE_INFINITY) {}

  /** @param done - how much of the work is done by now, from 0 to 1 */
  isBehind(done: number): boolean {
    return done > 0 && this.#elapsed > this.milliseconds * done;
  }

  /** Whether so much more can be done before it has to end. */
  hasLeft(milliseconds: number): boolean {
    return milliseconds <= this.left;
  }

  /** Milliseconds; less than 0 where it is over. */
  get left(): number {
    return this.milliseconds - this.#elapsed;
  }

  get #elapsed(): number {
    return performance.now() - this.#start;
  }
}
