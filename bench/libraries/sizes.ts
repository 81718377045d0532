import type { Pipeline } from '../../examples/demo/pipeline.js';
import type { Profile } from '../settings.js';
import { type PassSizes, SMOKE_PASSES } from '../support/pass-sets.js';
import { PANEL } from './panel.js';

/** How many jobs of a pipeline are done at most, by its library; all of those that are not named. */
export type JobLimits = Readonly<Record<string, number>>;

export interface LibrarySizes extends PassSizes {
  readonly panel: readonly Pipeline[];
  readonly jobs: JobLimits;
  /** How those that miss what they should reach are measured again. */
  readonly again: PassSizes;
  /** That of the worst has the time that it takes; others what the first look at all has left of this. */
  readonly millisecondsInAll?: number | undefined;
}

/** Passes of some 50 ms, where the jobs of a pipeline are not all large. */
export const SHORT: JobLimits = {
  pngjs: 1,
  pako: 24,
  fflate: 1,
  'ml-matrix': 8,
  '@tensorflow/tfjs-core': 6,
  'apache-arrow': 2,
  'd3-array': 60,
};

// Starting a process for each variant of each library takes longer than what it does.
const IN_SHORT = ['fflate', 'delaunator', 'apache-arrow'];

const standardPasses: PassSizes = {
  sets: 1,
  // All at once, so that each has half of it; until the tenth pass V8 compiles, and more where there is more code.
  warmUp: { leastMilliseconds: 1600, mostMilliseconds: 2600 },
  millisecondsPerTurn: 100,
  millisecondsPerSet: 2500,
  leastTurns: 4,
};

const standard: LibrarySizes = {
  ...standardPasses,
  panel: PANEL,
  jobs: {},
  // Of what takes long, one pass has a full collection in it and the next one has none.
  again: { ...standardPasses, sets: 2, millisecondsPerTurn: 300, millisecondsPerSet: 6000 },
  millisecondsInAll: 115_000,
};

const quickPasses: PassSizes = {
  sets: 1,
  warmUp: { leastMilliseconds: 100, mostMilliseconds: 200 },
  millisecondsPerTurn: 20,
  millisecondsPerSet: 150,
  leastTurns: 3,
};

export const SIZES: Readonly<Record<Profile, LibrarySizes>> = {
  full: {
    ...standard,
    sets: 6,
    again: { ...standard.again, sets: 6 },
    millisecondsInAll: undefined,
  },
  standard,
  quick: {
    ...quickPasses,
    panel: PANEL.filter(({ library }) => IN_SHORT.includes(library)),
    jobs: SHORT,
    again: quickPasses,
    millisecondsInAll: 0,
  },
  // All jobs of simple-statistics: most of them alone make no array that arenas take.
  smoke: {
    ...SMOKE_PASSES,
    panel: PANEL,
    jobs: {
      ...SHORT,
      pako: 1,
      delaunator: 1,
      'ml-matrix': 1,
      '@tensorflow/tfjs-core': 1,
      'apache-arrow': 1,
      'd3-array': 1,
    },
    again: SMOKE_PASSES,
    millisecondsInAll: 0,
  },
};
