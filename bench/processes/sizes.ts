import { KIB, MIB, type Profile } from '../settings.js';

/** How thoroughly whole processes are compared. */
export interface ProcessSizes {
  /** Bytes of one array. */
  readonly sizes: readonly number[];
  /** How often a process of each variant is started for a size. */
  readonly sets: number;
  /** What those of a size may take before there are fewer, see rounds-within.ts. */
  readonly millisecondsPerSize?: number | undefined;
  /** Turns of each process, after as many as {@link warmUpTurns}. */
  readonly turns: number;
  readonly warmUpTurns: number;
  /** What a process allocates in a turn. */
  readonly bytesPerTurn: number;
}

const standard: ProcessSizes = {
  sizes: [1 * KIB, 8 * KIB, 64 * KIB, 1 * MIB],
  sets: 5,
  millisecondsPerSize: 12_000,
  turns: 5,
  warmUpTurns: 3,
  bytesPerTurn: 48 * MIB,
};

export const SIZES: Readonly<Record<Profile, ProcessSizes>> = {
  full: { ...standard, sets: 15, millisecondsPerSize: undefined, turns: 9 },
  standard,
  quick: { ...standard, sizes: [8 * KIB, 1 * MIB], sets: 1, turns: 3, warmUpTurns: 2 },
  smoke: { sizes: [8 * KIB], sets: 1, turns: 1, warmUpTurns: 1, bytesPerTurn: 1 * MIB },
};
