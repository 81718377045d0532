import { Counter, counters } from './counters.js';
import { gate } from './gate.js';

/** Whether any array may lie in an arena at present. */
export function isArenaMemoryAlive(): boolean {
  if (!gate.used) return false;
  return counters[Counter.TakenSlabs] !== 0 || counters[Counter.WaitingSlabs] !== 0;
}
