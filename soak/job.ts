/** What a job has to work with. */
export interface Context {
  /** In [0, 1), following from the seed of the run. */
  random(): number;
  /** An array's length in bytes: from 16 to {@link LARGEST}, small ones far more often. */
  length(): number;
  /** Notes that something was compared; ends the run with exit status 1 when it was not right. */
  check(right: boolean, what: string): void;
}

/** Work that checks every value it gets back; it runs in a scope, over and over, beside others. */
export interface Job {
  readonly name: string;
  run(context: Context): Promise<void>;
  /** Sets up what all runs share, and loads lazy libraries before the first scope. */
  start?(): Promise<void>;
  /** Checks what is left and puts it away. */
  stop?(context: Context): Promise<void>;
}
