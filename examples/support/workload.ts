import type { Variant } from './variant.js';

/** What one run of a workload took and made. */
export interface Sample {
  /** Time of the work alone: hashing the output is left out. */
  readonly milliseconds: number;
  /** SHA-256 of all that the run made. */
  readonly sha256: string;
}

/** The same work, done with memory from different places. */
export interface Workload {
  readonly name: string;
  /** What the work is done on, for people. */
  readonly input: string;
  /** How many worker threads do it; undefined when this one does. */
  readonly threads?: number | undefined;
  /** `'plain'` comes first: the others are compared with it. */
  readonly runs: ReadonlyMap<Variant, () => Sample | Promise<Sample>>;
}
