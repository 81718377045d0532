import { stats } from 'arena-pirate';

/** What the process held at a moment. */
export interface Sample {
  /** Since the beginning. */
  readonly seconds: number;
  readonly residentMiB: number;
  /** Slabs of all threads that serve scopes. */
  readonly slabsInUse: number;
  /** Slabs of all threads that wait for V8 to collect their arrays. */
  readonly slabsWaiting: number;
  /** Slabs of all threads that nothing uses. */
  readonly slabsFree: number;
}

export function takeSample(seconds: number): Sample {
  const { slabs } = stats().process;
  return {
    seconds,
    residentMiB: process.memoryUsage.rss() / 2 ** 20,
    slabsInUse: slabs.inUse,
    slabsWaiting: slabs.waiting,
    slabsFree: slabs.free,
  };
}
