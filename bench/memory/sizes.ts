import { EXAMPLES } from '../examples/measure.js';
import { PANEL } from '../libraries/panel.js';
import type { Profile } from '../settings.js';
import type { MemoryWork } from './resident.js';

export interface MemorySizes {
  readonly works: readonly MemoryWork[];
  readonly passes: number;
  /** Longer than a thread that has become idle takes to give its arenas' memory back. */
  readonly settlingMilliseconds: number;
  /** Processes of each variant. */
  readonly rounds: number;
}

const LOOP = { arrays: 1_000_000 };
const EVERY_EXAMPLE = EXAMPLES.map((example) => ({ example, smoke: false }));
const libraries = (names: readonly string[]): MemoryWork[] => names.map((library) => ({ library }));

const standard: MemorySizes = {
  works: [LOOP, ...EVERY_EXAMPLE, ...libraries(PANEL.map(({ library }) => library))],
  passes: 3,
  settlingMilliseconds: 2500,
  rounds: 1,
};

export const MEMORY_SIZES: Readonly<Record<Profile, MemorySizes>> = {
  full: { ...standard, rounds: 3 },
  standard,
  quick: { ...standard, works: [LOOP, ...libraries(['delaunator'])], passes: 2 },
  smoke: {
    works: [
      { arrays: 20_000 },
      { example: 'medians', smoke: true },
      { library: 'delaunator', jobs: 2 },
    ],
    passes: 1,
    settlingMilliseconds: 100,
    rounds: 1,
  },
};
