import { type ArenaOptions, arena, stats } from 'arena-pirate';
import { answerAllocations } from './answers.js';
import type { AllocatorMaker, InScope } from './batch.js';
import { compileAnew } from './compile-anew.js';
import { CONSTRUCTIONS } from './constructions.js';
import { RELEASES, type Variant } from './variant.js';

answerAllocations(
  async ({ construction }, sources) => {
    const { ordinary } = CONSTRUCTIONS[construction];
    return new Map<Variant, AllocatorMaker>(
      RELEASES.map((release) => [
        release,
        () => ({
          make: compileAnew(ordinary)(sources),
          inScope: compileAnew(inArena)(arena.sync, { release }),
        }),
      ]),
    );
  },
  () => stats().thread.captured,
);

// Source text for compileAnew.
function inArena(sync: typeof arena.sync, options: ArenaOptions): InScope {
  return (fn) => sync(fn, options);
}
