import { PANEL } from '../libraries/panel.js';
import { type JobLimits, SHORT } from '../libraries/sizes.js';
import type { Profile } from '../settings.js';
import type { PassSizes } from '../support/pass-sets.js';

export interface UnusedSizes extends PassSizes {
  readonly libraries: readonly string[];
  readonly jobs: JobLimits;
  /** That the server answers in a pass. */
  readonly requests: number;
}

const ALL = PANEL.map(({ library }) => library);

const standard: UnusedSizes = {
  libraries: ALL,
  jobs: SHORT,
  requests: 400,
  sets: 2,
  warmUp: { leastMilliseconds: 400, mostMilliseconds: 900 },
  millisecondsPerTurn: 50,
  millisecondsPerSet: 1300,
  leastTurns: 4,
};

export const SIZES: Readonly<Record<Profile, UnusedSizes>> = {
  full: { ...standard, sets: 6 },
  standard,
  quick: {
    ...standard,
    libraries: ['delaunator', 'd3-array'],
    sets: 1,
    warmUp: { leastMilliseconds: 150, mostMilliseconds: 300 },
    millisecondsPerTurn: 20,
    millisecondsPerSet: 700,
  },
  smoke: {
    libraries: ['delaunator'],
    jobs: { delaunator: 1 },
    requests: 4,
    sets: 1,
    warmUp: { leastMilliseconds: 0, mostMilliseconds: 0 },
    millisecondsPerTurn: 0,
    millisecondsPerSet: 0,
    leastTurns: 1,
  },
};
