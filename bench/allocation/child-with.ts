import { type ArenaOptions, arena, stats } from 'arena-pirate';
import { KIB, MIB } from '../settings.js';
import { answerAllocations } from './answers.js';
import type { AllocatorMaker, InScope } from './batch.js';
import { compileAnew } from './compile-anew.js';
import { CONSTRUCTIONS } from './constructions.js';
import { RELEASES, type Variant } from './variant.js';

// Times as long as each variant warms up.
const WARM_UPS = 8;
// One that is zeroed with others, one by itself, and one that has slabs of its own.
const LENGTHS = [1 * KIB, 20 * KIB, 1.5 * MIB];
const ARRAYS_PER_SCOPE = 4;

answerAllocations(
  async ({ construction, warmUpMilliseconds }, sources) => {
    warmUpPackage(WARM_UPS * warmUpMilliseconds);
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

/**
 * What plain Node does for an array is compiled as Node is built, and what the package does, as it is
 * used: a batch of large arrays takes its longer ways too rarely to have them compiled.
 */
function warmUpPackage(milliseconds: number): void {
  for (const release of RELEASES) {
    for (const length of LENGTHS) {
      const end = performance.now() + milliseconds / (RELEASES.length * LENGTHS.length);
      const inScope = () => {
        for (let i = 0; i < ARRAYS_PER_SCOPE; i++) new Uint8Array(length)[0] = 1;
      };
      while (performance.now() < end) arena.sync(inScope, { release });
    }
  }
}

// Source text for compileAnew.
function inArena(sync: typeof arena.sync, options: ArenaOptions): InScope {
  return (fn) => sync(fn, options);
}
