import type { Comparison } from '../comparison.js';
import { type Section, type SectionResult, target } from '../section.js';
import { MIB, type Settings } from '../settings.js';
import { runTask } from '../support/task.js';
import {
  ARRAYS_PER_SCOPE,
  type MemoryTask,
  type MemoryVariant,
  type Resident,
} from './resident.js';

const PROGRAM = require.resolve('./child.js');
const VARIANTS: readonly MemoryVariant[] = ['plain', 'collected', 'exit'];
const MOST_MIB = 64;

type Loops = ReadonlyMap<MemoryVariant, Resident>;

export const memory: Section = {
  name: 'memory',
  about: 'resident memory after a million arrays in one synchronous loop',

  steps() {
    return VARIANTS.length;
  },

  async run(settings, step): Promise<SectionResult> {
    const loops = new Map<MemoryVariant, Resident>();
    for (const variant of VARIANTS) {
      step(variant);
      loops.set(variant, await runLoop(variant, settings));
    }
    const { before, after } = loops.get('collected') as Resident;
    const claim =
      `'collected', ${settings.memoryArrays.toLocaleString('en')} arrays of 1 KB: ` +
      'resident memory more than before';
    return {
      comparisons: [
        comparisonOf(loops, settings, 'highest', ({ highest }) => highest),
        comparisonOf(loops, settings, 'afterwards', ({ after }) => after),
      ],
      targets: [target(claim, (after - before) / MIB, 'at most', MOST_MIB, 'MiB')],
    };
  },
};

async function runLoop(variant: MemoryVariant, settings: Settings): Promise<Resident> {
  return runTask<MemoryTask, Resident>(PROGRAM, { variant, arrays: settings.memoryArrays });
}

function comparisonOf(
  loops: Loops,
  { memoryArrays }: Settings,
  name: string,
  bytesOf: (resident: Resident) => number,
): Comparison {
  return {
    section: memory.name,
    group:
      `Resident memory: ${memoryArrays.toLocaleString('en')} arrays of 1 KB in one synchronous loop, ` +
      `scopes of ${ARRAYS_PER_SCOPE}, a process each`,
    name,
    unit: 'bytes',
    better: 'less',
    baseline: 'plain',
    ours: ['collected', 'exit'],
    rounds: Object.fromEntries(
      [...loops].map(([variant, resident]) => [variant, [bytesOf(resident)]]),
    ),
  };
}
