import type { Section, SectionResult } from '../section.js';
import { runTask } from '../support/task.js';
import { EXAMPLES } from './examples.js';
import type { ExampleTask } from './measure.js';
import { formatRows, lossesOf, targetsOf } from './report.js';
import { type Measured, type Row, summarise } from './row.js';

const PROGRAM = require.resolve('./child.js');

export const examples: Section = {
  name: 'examples',
  about: 'the examples of ArenaPirate.jl: plain, in arenas, and with buffers kept by hand',

  steps() {
    return EXAMPLES.length;
  },

  async run(settings, step): Promise<SectionResult> {
    const rows: Row[] = [];
    for (const name of EXAMPLES) {
      step(name);
      rows.push(summarise(await runTask<ExampleTask, Measured>(PROGRAM, { name, settings })));
    }
    return {
      rows,
      text: formatRows(rows, settings),
      targets: targetsOf(rows),
      losses: lossesOf(rows),
    };
  },
};
