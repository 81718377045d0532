import type { Section, SectionResult } from '../section.js';
import type { Settings } from '../settings.js';
import { formatBytes } from '../support/format.js';
import { runTask } from '../support/task.js';
import type { AllocationTask, Measured } from './measure.js';
import { comparisonOf, targetsOf } from './report.js';
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
    const rows: Measured[] = [];
    for (const task of tasksOf(settings)) {
      const { shape, workload } = task;
      step(`${formatBytes(shape.bytes)} × ${shape.arraysPerScope}, ${workload}`);
      rows.push(await runTask<AllocationTask, Measured>(PROGRAM, task));
    }
    return { comparisons: rows.map(comparisonOf), targets: targetsOf(rows) };
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
