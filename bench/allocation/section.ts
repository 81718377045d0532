import type { Section, SectionResult } from '../section.js';
import { formatBytes } from '../support/format.js';
import { runTask } from '../support/task.js';
import type { AllocationTask, Measured } from './measure.js';
import { formatRows, lossesOf, targetsOf } from './report.js';
import { type Row, summarise } from './row.js';
import { shapeOf } from './shape.js';
import { WORKLOAD_NAMES } from './workloads.js';

const PROGRAM = require.resolve('./child.js');

export const allocation: Section = {
  name: 'allocation',
  about: 'new Float64Array(n) of 64 B to 64 MB: plain, in arenas, and the floor',

  steps({ sizes }) {
    return WORKLOAD_NAMES.length * sizes.length;
  },

  async run(settings, step): Promise<SectionResult> {
    const rows: Row[] = [];
    for (const workload of WORKLOAD_NAMES) {
      for (const bytes of settings.sizes) {
        step(`${formatBytes(bytes)}, ${workload}`);
        const shape = shapeOf(bytes, settings);
        const measured = await runTask<AllocationTask, Measured>(PROGRAM, {
          shape,
          workload,
          settings,
        });
        rows.push(summarise(measured));
      }
    }
    return {
      rows,
      text: formatRows(rows, settings),
      targets: targetsOf(rows),
      losses: lossesOf(rows),
    };
  },
};
