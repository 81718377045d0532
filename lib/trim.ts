import { collectedSource } from './collected.js';
import { collectAndPoll } from './collections.js';
import { collect } from './collector.js';
import { Counter, counters } from './counters.js';
import { exitPool } from './exit.js';
import { whenIdle } from './idle.js';
import { native } from './native.js';
import { endUnended } from './scope.js';
import { forgetPlace } from './source.js';

/**
 * Gives all arena memory of this thread that no live array uses back to the operating system. Runs
 * a full garbage collection first, to know which that is.
 *
 * @returns how many bytes were in memory and are given back
 */
export function clearArenaPool(): number {
  endUnended();
  forgetPlace();
  collectedSource.retire();
  exitPool.retire();
  collect('major');
  native.poll(true);
  return native.trim();
}

// No full collection: it may take longer than whoever comes next wants to wait. And the window in use
// stays, or a program that keeps a little of each time would take a slab each time.
whenIdle((look) => {
  endUnended();
  forgetPlace();
  if (look === 'first' && (counters[Counter.WaitingSlabs] as number) > 0) collectAndPoll();
  else native.poll(false);
  const bytes = exitPool.trim() + native.trim();
  if (bytes === 0) return;
  counters[Counter.Trims]++;
  counters[Counter.TrimmedBytes] += bytes;
});
