/** A refusal by the system, as the number that it gives: `EPERM` and the like. */
export type Errno = number;

/**
 * What C++ does about threads and cpus. Cpus and nodes are the system's numbers, threads its ids; what
 * returns an {@link Errno} returns 0 when it was done.
 */
export interface NativeThreads {
  /** The number of this thread among those that have loaded the addon; 0 is the main thread. */
  readonly thread: number;
  /** Whether no other copy of the package had loaded it in this thread before. */
  readonly isFirstOfThread: boolean;
  /** The cpus that the process was started with. */
  startAffinity(): number[] | Errno;
  /** The cpus that a thread may run on; 0 is the calling one. */
  affinity(tid: number): number[] | Errno;
  /** Has the calling thread run on these cpus, ascending, until the next plan. */
  moveSelf(cpus: readonly number[]): Errno;
  /** The cpu that the calling thread is running on, -1 when unknown. */
  currentCpu(): number;
  /** Its node. */
  currentNode(): number;
  /** Number and id of each JavaScript thread, one after another, by ascending number. */
  threads(): number[];
  /** All threads of the process. */
  threadIds(): number[];
  /**
   * Places every JavaScript thread on the cpu that stands at its number, or none when one is refused.
   * Threads of higher numbers stay on the cpu where they load the addon, or begin from the front again.
   *
   * @param helpers what all other threads get, ascending; empty for the mask of the start
   */
  pin(cpus: readonly number[], laterStay: boolean, helpers: readonly number[]): Errno;
  /** Gives all threads the mask of the start. */
  unpin(): Errno;
  /** Keeps the masks and the plan. @returns an id for {@link restorePinning}, good for once */
  savePinning(): number;
  restorePinning(id: number): Errno;
  /**
   * Gives the calling thread the mask of the start until {@link endSpawn}, for a process that it is
   * about to create. @returns false when there is nothing to end
   */
  beginSpawn(): boolean;
  endSpawn(): void;
  /** Looks now for threads that have inherited the mask of a pinned one. */
  sweepHelpers(): void;
  /**
   * Claims that this thread does what is to be done once in the process, or gives the claim up.
   * @returns whether nobody had claimed it
   */
  claimStart(claim: boolean): boolean;
  /** Has libuv start its threads, with the mask of the start, unless it has. */
  startThreadPool(): void;
}
