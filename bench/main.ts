/** `npm run bench`: what arenas save and cost against plain Node on this machine, as tables, JSON and a page. */
import { reportFailure } from '../examples/support/failures.js';
import { bench } from './bench.js';
import { parseCommandLine } from './command-line.js';
import { SECTIONS } from './sections.js';

bench(parseCommandLine(SECTIONS)).catch(reportFailure);
