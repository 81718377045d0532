/** Milliseconds, instead of the default 10,000: so long is not waited for what becomes of the memory. */
export const TRIM_AFTER = 1000;

/** Where the arrays come from. */
export type MemoryVariant = (typeof MEMORY_VARIANTS)[number];
export const MEMORY_VARIANTS = ['plain', 'collected', 'exit'] as const;

/** What a process is to do. */
export interface MemoryTask {
  readonly variant: MemoryVariant;
  readonly work: MemoryWork;
  /** How often. */
  readonly passes: number;
  /** From the end of the work to the second look at what is in memory. */
  readonly settlingMilliseconds: number;
}

export type MemoryWork =
  /** Arrays of 1 KB in one synchronous loop. */
  | { readonly arrays: number }
  /** One of the ported examples. */
  | { readonly example: string; readonly smoke: boolean }
  /** All jobs of a library of the panel, or so many. */
  | { readonly library: string; readonly jobs?: number };

/** Resident memory of a process, in bytes. */
export interface Resident {
  readonly before: number;
  /** The most so far, when the work was done. */
  readonly peak: number;
  /** Seconds after the work, garbage collected. */
  readonly settled: number;
  /** Of what the work gave: the same in all variants. */
  readonly sum: string;
}
