// On shared memory: what both sides of a map have to know at once.

const STOP = 0;
const FIRST_LANE = 1;

/** Whether a map goes on, and which item each of its lanes (chunks that run at once) is at. */
export class Board {
  readonly shared: Int32Array;

  /** @param lanes - how many there are, or the memory of another thread's board */
  constructor(lanes: number | Int32Array) {
    this.shared =
      typeof lanes === 'number'
        ? new Int32Array(new SharedArrayBuffer(4 * (FIRST_LANE + lanes)))
        : lanes;
  }

  get lanes(): number {
    return this.shared.length - FIRST_LANE;
  }

  /** Whether nobody waits for results any more. */
  get stopped(): boolean {
    return Atomics.load(this.shared, STOP) !== 0;
  }

  stop(): void {
    Atomics.store(this.shared, STOP, 1);
  }

  /** The item with this index is the lane's next. */
  begin(lane: number, index: number): void {
    Atomics.store(this.shared, FIRST_LANE + lane, index);
  }

  /** The index of the item that the lane is at. */
  running(lane: number): number {
    return Atomics.load(this.shared, FIRST_LANE + lane);
  }
}
