import type { Sample } from './samples.js';

/** Of what the samples tell: how much there was early and late, and whether that is growth. */
export interface Growth {
  readonly what: string;
  /** Median of the second quarter: the first one is for warming up. */
  readonly early: number;
  /** Median of the last quarter. */
  readonly late: number;
  /** What `late` may be at most. */
  readonly limit: number;
  readonly grows: boolean;
}

/** Shorter runs are all warming up. */
export const SHORTEST_SECONDS = 120;

// A leak of a slab in a hundred scopes is more than this within ten minutes. What the
// allocators of V8 and the C library keep at one time and not at another does not.
const SHARE = 1.1;
const SPARE_MIB = 32;
const SPARE_SLABS = 16;

/** Whether memory has grown between the second quarter of a run and its last. */
export function judgeGrowth(samples: readonly Sample[]): Growth[] {
  return [
    judge('resident MiB', samples, ({ residentMiB }) => residentMiB, SPARE_MIB),
    judge('slabs in use or waiting', samples, slabs, SPARE_SLABS),
  ];
}

function slabs({ slabsInUse, slabsWaiting }: Sample): number {
  return slabsInUse + slabsWaiting;
}

function judge(
  what: string,
  samples: readonly Sample[],
  value: (sample: Sample) => number,
  spare: number,
): Growth {
  const last = samples.at(-1)?.seconds ?? 0;
  const between = (from: number, to: number) =>
    median(
      samples.filter(({ seconds }) => seconds > from * last && seconds <= to * last).map(value),
    );
  const early = between(0.25, 0.5);
  const late = between(0.75, 1);
  const limit = early * SHARE + spare;
  return { what, early, late, limit, grows: late > limit };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
