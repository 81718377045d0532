import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage } from '../../examples/support/collect-garbage.js';
import { peakResident } from '../support/peak.js';
import { answerTask } from '../support/task.js';
import { type MemoryTask, type Resident, TRIM_AFTER } from './resident.js';
import { passOf } from './work.js';

/** Does the work, and watches what becomes of the resident memory. */
async function observe(task: MemoryTask): Promise<Resident> {
  const pass = await passOf(task);
  if (task.variant !== 'plain') {
    const { configure } = await import('arena-pirate');
    configure({ trimAfter: TRIM_AFTER });
  }
  const before = process.memoryUsage.rss();
  let sum = '';
  for (let i = 0; i < task.passes; i++) sum = await pass();
  const peak = peakResident() ?? process.memoryUsage.rss();
  await collectGarbage();
  await sleep(task.settlingMilliseconds);
  await collectGarbage();
  return { before, peak, settled: process.memoryUsage.rss(), sum };
}

answerTask(observe);
