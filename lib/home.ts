import { Counter, counters } from './counters.js';
import { memoryNodes } from './memory-nodes.js';
import { native } from './native.js';

// Nothing tells that the scheduler has moved a thread: the kernel is asked at every so many looks.
// Moves that arena-pirate makes are seen at once.
const LOOKS_PER_QUESTION = 32;

const hasChoice = memoryNodes.length > 1;
let home = native.currentHome();
let looks = LOOKS_PER_QUESTION;
let moves = 0;

/**
 * Where memory that this thread takes now should lie: the id of a NUMA node, or a negative number
 * where that is no single node. Takes nanoseconds.
 */
export function currentHome(): number {
  if (!hasChoice) return home;
  looks--;
  const moved = counters[Counter.Moves] as number;
  if (looks < 0 || moved !== moves) {
    looks = LOOKS_PER_QUESTION;
    moves = moved;
    home = native.currentHome();
  }
  return home;
}

/** Has the next look ask the kernel. */
export function forgetHome(): void {
  looks = 0;
}
