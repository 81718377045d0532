import type { Section, SectionResult } from '../section.js';
import { runTask } from '../support/task.js';
import { PARALLEL_EXAMPLES, type ParallelTask } from './measure.js';
import { formatRows, lossesOf, targetsOf } from './report.js';
import { type Measured, type Row, summarise } from './row.js';

const PROGRAM = require.resolve('./child.js');

export const parallel: Section = {
  name: 'parallel',
  about: 'two examples on one and two worker threads: plain, with mtMapArena, and kept by hand',

  steps() {
    return PARALLEL_EXAMPLES.length;
  },

  async run(settings, step): Promise<SectionResult> {
    const rows: Row[] = [];
    for (const name of PARALLEL_EXAMPLES) {
      step(name);
      rows.push(summarise(await runTask<ParallelTask, Measured>(PROGRAM, { name, settings })));
    }
    return {
      rows,
      text: formatRows(rows, settings),
      targets: targetsOf(rows),
      losses: lossesOf(rows),
    };
  },
};
