/**
 * Loaded before everything else in processes that have the package. Scopes have come and gone there
 * too, because the getters of a thread that has arena memory do more than those of one that never had.
 */
import { arena } from 'arena-pirate';

for (const release of ['collected', 'exit'] as const) {
  arena.sync(() => new Float64Array(1024).length, { release });
}

/** Memory that is still in use: messages have to be searched for it. */
export const kept = arena.sync(() => new Float64Array(1024));
