/** Where the arrays of the memory benchmark come from. */
export type MemoryVariant = 'plain' | 'collected' | 'exit';

/** How many arrays of 1 KB a process is to make, and where. */
export interface MemoryTask {
  readonly variant: MemoryVariant;
  readonly arrays: number;
}

export const ARRAYS_PER_SCOPE = 100;

/** What the loop did to the process. Memory in bytes. */
export interface Resident {
  readonly before: number;
  readonly highest: number;
  readonly after: number;
  readonly milliseconds: number;
  /** Of what was in the arrays: the same for all variants. */
  readonly sum: number;
}
