import type { Section, SectionResult } from '../section.js';
import type { Settings } from '../settings.js';
import { formatBytes } from '../support/format.js';
import { runTask } from '../support/task.js';
import type { AllocationTask, Measured } from './measure.js';
import { formatRows, lossesOf, targetsOf } from './report.js';
import { type Row, summarise } from './row.js';
import { shapesInLargerScopes, shapesOf } from './shape.js';
import { WORKLOAD_NAMES } from './workloads.js';

const PROGRAM = require.resolve('./child.js');

export const allocation: Section = {
  name: 'allocation',
  about: 'new Float64Array(n) of 64 B to 64 MB: plain, in arenas, and the floor',

  steps(settings) {
    return tasksOf(settings).length;
  },

  async run(settings, step): Promise<SectionResult> {
    const rows: Row[] = [];
    for (const task of tasksOf(settings)) {
      const { shape, workload } = task;
      step(`${formatBytes(shape.bytes)} × ${shape.arraysPerScope}, ${workload}`);
      rows.push(summarise(await runTask<AllocationTask, Measured>(PROGRAM, task)));
    }
    return {
      rows,
      text: formatRows(rows, settings),
      targets: targetsOf(rows),
      losses: lossesOf(rows),
    };
  },
};

function tasksOf(settings: Settings): AllocationTask[] {
  const inCache = shapesOf(settings);
  return [
    ...WORKLOAD_NAMES.flatMap((workload) =>
      inCache.map((shape) => ({ shape, workload, settings })),
    ),
    ...shapesInLargerScopes(settings).map((shape) => ({
      shape,
      workload: 'one element written' as const,
      settings,
    })),
  ];
}
