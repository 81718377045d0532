import { arena } from 'arena-pirate';
import { KIB } from '../settings.js';
import { answerTask } from '../support/task.js';
import {
  ARRAYS_PER_SCOPE,
  type MemoryTask,
  type MemoryVariant,
  type Resident,
} from './resident.js';

const IN_SCOPE: Readonly<Record<MemoryVariant, (fn: () => number) => number>> = {
  plain: (fn) => fn(),
  collected: (fn) => arena.sync(fn, { release: 'collected' }),
  exit: (fn) => arena.sync(fn, { release: 'exit' }),
};

// Asking the kernel takes longer than a scope.
const SCOPES_PER_LOOK = 100;

function oneScope(): number {
  let sum = 0;
  for (let i = 0; i < ARRAYS_PER_SCOPE; i++) {
    const array = new Float64Array(KIB / Float64Array.BYTES_PER_ELEMENT);
    array.fill(i);
    sum += array[1] as number;
  }
  return sum;
}

/** Makes the arrays in one synchronous loop, and watches what becomes of the resident memory. */
function observe({ variant, arrays }: MemoryTask): Resident {
  const inScope = IN_SCOPE[variant];
  const before = process.memoryUsage.rss();
  const start = performance.now();
  let highest = before;
  let sum = 0;
  for (let scope = 0; scope < arrays / ARRAYS_PER_SCOPE; scope++) {
    sum += inScope(oneScope);
    if (scope % SCOPES_PER_LOOK === 0) highest = Math.max(highest, process.memoryUsage.rss());
  }
  const milliseconds = performance.now() - start;
  const after = process.memoryUsage.rss();
  return { before, highest: Math.max(highest, after), after, milliseconds, sum };
}

answerTask(observe);
