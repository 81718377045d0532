/** The sizes of a run, from hours' worth of certainty to a few seconds that show that everything runs. */
export type Profile = 'full' | 'standard' | 'quick' | 'smoke';

/** How thorough a run is. */
export interface Settings {
  readonly profile: Profile;
  /** Pairs of processes for what is compared between processes. */
  readonly pairs: number;
  /** Of those that allocate: what malloc does with an array differs by several per cent between processes. */
  readonly allocatingPairs: number;
  /** What each process of a pair may take before there are fewer, see rounds-within.ts. */
  readonly millisecondsPerProcess?: number | undefined;
  /** Batches that each process of a pair runs, in turn with the other. */
  readonly turns: number;
  /** How long such a batch takes. */
  readonly millisecondsPerTurn: number;
  readonly examples: ExampleSizes;
  /** How long a run may wait, in all, for other work on the machine to end. */
  readonly patienceMilliseconds: number;
}

/**
 * What the ported examples work on, and for how many rounds: what malloc does with plain Node's large arrays is a matter
 * of luck.
 */
export interface ExampleSizes {
  readonly range: { readonly n: number; readonly repeats: number; readonly rounds: number };
  readonly medians: { readonly count: number; readonly size: number; readonly rounds: number };
  readonly search: { readonly steps: number; readonly points: number; readonly rounds: number };
  /** What the rounds of one variant may take before there are fewer, see rounds-within.ts; not of all examples. */
  readonly millisecondsPerVariant?: number | undefined;
}

export const KIB = 1024;
export const MIB = 1024 * KIB;

const standard: Settings = {
  profile: 'standard',
  pairs: 4,
  allocatingPairs: 10,
  millisecondsPerProcess: 275,
  turns: 30,
  millisecondsPerTurn: 4,
  examples: {
    range: { n: 1_000_000, repeats: 20, rounds: 9 },
    medians: { count: 8, size: 1_000_000, rounds: 7 },
    search: { steps: 6, points: 20_000, rounds: 7 },
    millisecondsPerVariant: 2400,
  },
  patienceMilliseconds: 10_000,
};

/** As long as one likes, under fifteen minutes, under two, and a few seconds to see that everything runs. */
export const SETTINGS: Readonly<Record<Profile, Settings>> = {
  full: {
    ...standard,
    profile: 'full',
    pairs: 27,
    allocatingPairs: 81,
    millisecondsPerProcess: undefined,
    // The original's sizes: the search takes minutes, and a round hours on both numbers of threads.
    examples: {
      range: { n: 1_000_000, repeats: 20, rounds: 61 },
      medians: { count: 32, size: 10_000_000, rounds: 5 },
      search: { steps: 30, points: 100_000, rounds: 1 },
    },
    patienceMilliseconds: 300_000,
  },
  standard,
  quick: {
    ...standard,
    profile: 'quick',
    pairs: 1,
    allocatingPairs: 2,
    turns: 8,
    millisecondsPerTurn: 2,
    examples: {
      range: { n: 1_000_000, repeats: 10, rounds: 2 },
      medians: { count: 2, size: 500_000, rounds: 2 },
      search: { steps: 4, points: 10_000, rounds: 2 },
    },
    patienceMilliseconds: 4000,
  },
  smoke: {
    profile: 'smoke',
    pairs: 1,
    allocatingPairs: 1,
    turns: 2,
    millisecondsPerTurn: 0.2,
    examples: {
      range: { n: 10_000, repeats: 2, rounds: 1 },
      medians: { count: 2, size: 1_000, rounds: 1 },
      search: { steps: 2, points: 1_000, rounds: 1 },
    },
    patienceMilliseconds: 0,
  },
};
