/** The sizes of a run, from hours' worth of certainty to a few seconds that show that everything runs. */
export type Profile = 'full' | 'standard' | 'quick' | 'smoke';

/** How thorough a run is. */
export interface Settings {
  readonly profile: Profile;
  /** Pairs of processes for what is compared between processes. */
  readonly pairs: number;
  /** Of those that allocate: what malloc does with an array differs by several per cent between processes. */
  readonly allocatingPairs: number;
  /** Batches that each process of a pair runs, in turn with the other. */
  readonly turns: number;
  /** How long such a batch takes. */
  readonly millisecondsPerTurn: number;
  readonly examples: ExampleSizes;
  /** Rounds of the examples: what malloc does with plain Node's large arrays is a matter of luck. */
  readonly exampleRounds: number;
  /** How long a run may wait, in all, for other work on the machine to end. */
  readonly patienceMilliseconds: number;
}

/** What the ported examples work on. */
export interface ExampleSizes {
  readonly range: { readonly n: number; readonly repeats: number };
  readonly medians: { readonly count: number; readonly size: number };
  readonly search: { readonly steps: number; readonly points: number };
}

export const KIB = 1024;
export const MIB = 1024 * KIB;

const standard: Settings = {
  profile: 'standard',
  pairs: 4,
  allocatingPairs: 10,
  turns: 30,
  millisecondsPerTurn: 4,
  examples: {
    range: { n: 1_000_000, repeats: 20 },
    medians: { count: 8, size: 1_000_000 },
    search: { steps: 6, points: 20_000 },
  },
  exampleRounds: 9,
  patienceMilliseconds: 20_000,
};

/** As long as one likes, under fifteen minutes, under two, and a few seconds to see that everything runs. */
export const SETTINGS: Readonly<Record<Profile, Settings>> = {
  full: {
    ...standard,
    profile: 'full',
    pairs: 27,
    allocatingPairs: 81,
    exampleRounds: 61,
    patienceMilliseconds: 300_000,
  },
  standard,
  quick: {
    ...standard,
    profile: 'quick',
    pairs: 2,
    allocatingPairs: 3,
    turns: 8,
    millisecondsPerTurn: 2,
    examples: {
      range: { n: 1_000_000, repeats: 10 },
      medians: { count: 4, size: 500_000 },
      search: { steps: 5, points: 10_000 },
    },
    exampleRounds: 3,
    patienceMilliseconds: 4000,
  },
  smoke: {
    profile: 'smoke',
    pairs: 1,
    allocatingPairs: 1,
    turns: 2,
    millisecondsPerTurn: 0.2,
    examples: {
      range: { n: 10_000, repeats: 2 },
      medians: { count: 2, size: 1_000 },
      search: { steps: 2, points: 1_000 },
    },
    exampleRounds: 1,
    patienceMilliseconds: 0,
  },
};
