import { PANEL } from '../libraries/panel.js';
import { type JobLimits, SHORT } from '../libraries/sizes.js';
import type { Profile } from '../settings.js';
import { type PassSizes, SMOKE_PASSES } from '../support/pass-sets.js';

export interface UnusedSizes extends PassSizes {
  readonly libraries: readonly string[];
  readonly jobs: JobLimits;
  readonly server: ServerSizes;
  /** The server that misses a target is measured again if that ends in so much. */
  readonly millisecondsInAll?: number | undefined;
}

export interface ServerSizes extends PassSizes {
  /** Answered in a pass. */
  readonly requests: number;
}

const ALL = PANEL.map(({ library }) => library);

const standardPasses: PassSizes = {
  sets: 2,
  milliseconds: 6500,
  warmUp: { leastMilliseconds: 800, mostMilliseconds: 1400 },
  millisecondsPerTurn: 50,
  millisecondsPerSet: 800,
  leastTurns: 4,
};

const standard: UnusedSizes = {
  ...standardPasses,
  libraries: ALL,
  jobs: SHORT,
  millisecondsInAll: 90_000,
  // A server gets faster for seconds.
  server: {
    ...standardPasses,
    requests: 400,
    warmUp: { leastMilliseconds: 4000, mostMilliseconds: 8000 },
    milliseconds: 26_000,
    millisecondsPerSet: 4000,
  },
};

const quickPasses: PassSizes = {
  sets: 1,
  warmUp: { leastMilliseconds: 150, mostMilliseconds: 300 },
  millisecondsPerTurn: 20,
  millisecondsPerSet: 700,
  leastTurns: 4,
};

export const SIZES: Readonly<Record<Profile, UnusedSizes>> = {
  full: {
    ...standard,
    sets: 6,
    milliseconds: undefined,
    millisecondsInAll: undefined,
    server: { ...standard.server, sets: 6, milliseconds: undefined },
  },
  standard,
  quick: {
    ...quickPasses,
    libraries: ['delaunator'],
    jobs: SHORT,
    server: { ...quickPasses, requests: 400 },
  },
  smoke: {
    ...SMOKE_PASSES,
    libraries: ['delaunator'],
    jobs: { delaunator: 1 },
    server: { ...SMOKE_PASSES, requests: 4 },
  },
};
