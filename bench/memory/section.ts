import type { Comparison } from '../comparison.js';
import { type Section, type SectionResult, type Step, type Target, target } from '../section.js';
import { MIB } from '../settings.js';
import { runTask } from '../support/task.js';
import {
  MEMORY_VARIANTS,
  type MemoryTask,
  type MemoryVariant,
  type MemoryWork,
  type Resident,
  TRIM_AFTER,
} from './resident.js';
import { MEMORY_SIZES, type MemorySizes } from './sizes.js';
import { ARRAYS_PER_SCOPE } from './work.js';

const PROGRAM = require.resolve('./child.js');
const MOST_MIB = 64;

type Processes = Record<MemoryVariant, Resident[]>;

export const memory: Section = {
  name: 'memory',
  about: 'resident memory of whole processes: peak, and when the work is done',

  steps({ profile }) {
    const { works, rounds } = MEMORY_SIZES[profile];
    return works.length * rounds;
  },

  async run({ profile }, step): Promise<SectionResult> {
    const sizes = MEMORY_SIZES[profile];
    const comparisons: Comparison[] = [];
    const targets: Target[] = [];
    for (const works of inGroups(sizes.works)) {
      const observed = await observe(works, sizes, step);
      for (const [work, processes] of observed) {
        const name = nameOf(work);
        comparisons.push(
          comparisonOf('at most', name, processes, ({ peak }) => peak),
          comparisonOf(
            `${sizes.settlingMilliseconds / 1000} s after the work with trimAfter: ${TRIM_AFTER}, garbage collected`,
            name,
            processes,
            ({ settled }) => settled,
          ),
        );
        if ('arrays' in work) targets.push(targetOf(name, processes.collected));
      }
    }
    return { comparisons, targets };
  },
};

function nameOf(work: MemoryWork): string {
  if ('arrays' in work) {
    return `${work.arrays.toLocaleString('en')} arrays of 1 KB, scopes of ${ARRAYS_PER_SCOPE}`;
  }
  return 'example' in work ? `example ${work.example}` : work.library;
}

// Nothing is timed, and most of it is waiting.
const AT_ONCE = 3;

function inGroups(works: readonly MemoryWork[]): MemoryWork[][] {
  return Array.from({ length: Math.ceil(works.length / AT_ONCE) }, (_, i) =>
    works.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );
}

async function observe(
  works: readonly MemoryWork[],
  { passes, settlingMilliseconds, rounds }: MemorySizes,
  step: Step,
): Promise<Map<MemoryWork, Processes>> {
  const observed = new Map(
    works.map((work): [MemoryWork, Processes] => [work, { plain: [], collected: [], exit: [] }]),
  );
  const runAll = async (work: MemoryWork, processes: Processes): Promise<void> => {
    const residents = await Promise.all(
      MEMORY_VARIANTS.map((variant) =>
        runTask<MemoryTask, Resident>(PROGRAM, {
          variant,
          work,
          passes: 'arrays' in work ? 1 : passes,
          settlingMilliseconds,
        }),
      ),
    );
    MEMORY_VARIANTS.forEach((variant, i) => {
      const resident = residents[i] as Resident;
      const { sum } = processes.plain[0] ?? resident;
      if (resident.sum !== sum) throw new Error(`'${variant}' gave ${resident.sum}, not ${sum}`);
      processes[variant].push(resident);
    });
  };
  for (let round = 0; round < rounds; round++) {
    for (const work of works) step(nameOf(work));
    await Promise.all([...observed].map(([work, processes]) => runAll(work, processes)));
  }
  return observed;
}

function comparisonOf(
  when: string,
  name: string,
  processes: Processes,
  bytesOf: (resident: Resident) => number,
): Comparison {
  return {
    section: memory.name,
    group: `Resident memory of a process, ${when}`,
    name,
    unit: 'bytes',
    better: 'less',
    baseline: 'plain',
    ours: ['collected', 'exit'],
    rounds: Object.fromEntries(
      MEMORY_VARIANTS.map((variant) => [variant, processes[variant].map(bytesOf)]),
    ),
    ...(name.startsWith('example') ? { remark: 'the package is loaded in plain Node too' } : {}),
  };
}

function targetOf(name: string, collected: readonly Resident[]): Target {
  const growth = Math.max(...collected.map(({ before, settled }) => settled - before));
  const claim = `'collected', ${name}: resident memory more than before`;
  return target(claim, growth / MIB, 'at most', MOST_MIB, 'MiB');
}
