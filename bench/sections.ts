import { allocation } from './allocation/section.js';
import { examples } from './examples/section.js';
import { libraries } from './libraries/section.js';
import { memory } from './memory/section.js';
import { outside } from './outside/section.js';
import { parallel } from './parallel/section.js';
import { processes } from './processes/section.js';
import { scopes } from './scopes/section.js';
import type { Section } from './section.js';
import { server } from './server/section.js';
import { unused } from './unused/section.js';

/** All parts of the benchmark, in the order in which they run and are told. */
export const SECTIONS: readonly Section[] = [
  allocation,
  processes,
  examples,
  libraries,
  server,
  parallel,
  outside,
  unused,
  scopes,
  memory,
];
