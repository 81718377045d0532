import { KIB, MIB, type Profile } from '../settings.js';

/** How thoroughly allocation is measured. Sizes in bytes of one array. */
export interface AllocationSizes {
  readonly byLength: readonly number[];
  /** Of all other constructions. */
  readonly others: readonly number[];
  /** Where every element is read again. */
  readonly readBack: readonly number[];
  readonly rounds: number;
  /** Rounds where an array takes {@link LARGE} or more. */
  readonly roundsIfLarge: number;
  /** What it may take before there are half as many rounds, but for what is measured again. */
  readonly milliseconds?: number | undefined;
  /** How often there are new processes for what misses a target: malloc and V8 do not treat all alike. */
  readonly setsAgain: number;
  /** Rounds of each of those. */
  readonly roundsAgain: number;
  /** {@link arraysPerBatch} of those: a few milliseconds tell little of arrays that are small. */
  readonly arraysPerBatchAgain: number;
  /** How long those may take, less what the first look took too long; a third of it at least. */
  readonly againMilliseconds: number;
  /** Rounds that are not measured, at first; more where malloc has to settle, see section.ts. */
  readonly rehearsals: number;
  /** What a variant allocates in a round, unless the arrays are many. */
  readonly bytesPerBatch: number;
  /** Arrays that a variant allocates in a round at most. */
  readonly arraysPerBatch: number;
  /** How long a variant runs before each time that it is measured. */
  readonly warmUpMilliseconds: number;
}

export const LARGE = 64 * MIB;

const ALL = [
  ...[64, 128, 256],
  ...[1, 4, 8, 16, 64, 256].map((n) => n * KIB),
  ...[1, 2, 4, 16, 64, 256].map((n) => n * MIB),
];

const standard: AllocationSizes = {
  byLength: ALL,
  others: [128, 1 * KIB, 8 * KIB, 64 * KIB, 1 * MIB, 4 * MIB],
  readBack: [64 * KIB, 1 * MIB],
  rounds: 4,
  roundsIfLarge: 3,
  milliseconds: 115_000,
  setsAgain: 4,
  roundsAgain: 2,
  arraysPerBatchAgain: 131_072,
  againMilliseconds: 45_000,
  rehearsals: 1,
  bytesPerBatch: 64 * MIB,
  arraysPerBatch: 65_536,
  warmUpMilliseconds: 8,
};

export const SIZES: Readonly<Record<Profile, AllocationSizes>> = {
  full: {
    ...standard,
    others: ALL,
    readBack: ALL,
    rounds: 27,
    roundsIfLarge: 9,
    milliseconds: undefined,
    againMilliseconds: 120_000,
    bytesPerBatch: 256 * MIB,
  },
  standard,
  quick: {
    ...standard,
    byLength: [128, 1 * KIB, 8 * KIB, 64 * KIB, 1 * MIB, 64 * MIB],
    others: [8 * KIB],
    readBack: [64 * KIB],
    rounds: 2,
    roundsIfLarge: 1,
    milliseconds: 12_000,
    setsAgain: 2,
    roundsAgain: 2,
    arraysPerBatchAgain: 16_384,
    againMilliseconds: 2000,
    bytesPerBatch: 16 * MIB,
    arraysPerBatch: 16_384,
    warmUpMilliseconds: 4,
  },
  smoke: {
    byLength: [64, 64 * KIB, 4 * MIB],
    others: [1 * KIB],
    readBack: [64 * KIB],
    rounds: 1,
    roundsIfLarge: 1,
    setsAgain: 1,
    roundsAgain: 1,
    arraysPerBatchAgain: 256,
    againMilliseconds: 300,
    rehearsals: 0,
    bytesPerBatch: 1 * MIB,
    arraysPerBatch: 256,
    warmUpMilliseconds: 0.1,
  },
};
