import type { Comparison } from '../comparison.js';
import type { Section, SectionResult, Target } from '../section.js';
import { runTask } from '../support/task.js';
import { APPS, type AppName } from './apps/all.js';
import { comparisonsOf, SECTION } from './comparisons.js';
import type { MeasuredServer, ServerTask } from './measure.js';
import { SERVER_SIZES } from './sizes.js';
import { targetsOf } from './targets.js';

const PROGRAM = require.resolve('./child.js');
const NAMES = Object.keys(APPS) as AppName[];

export const server: Section = {
  name: SECTION,
  about: 'HTTP servers under load, without the package and with a scope for each request',

  steps() {
    return NAMES.length;
  },

  async run({ profile }, step): Promise<SectionResult> {
    const sizes = SERVER_SIZES[profile];
    const comparisons: Comparison[] = [];
    const targets: Target[] = [];
    for (const app of NAMES) {
      step(app);
      const measured = await runTask<ServerTask, MeasuredServer>(PROGRAM, { app, sizes });
      comparisons.push(...comparisonsOf(app, measured, sizes));
      targets.push(...targetsOf(app, measured));
    }
    return { comparisons, targets };
  },
};
