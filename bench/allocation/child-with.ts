import { type ArenaOptions, arena, stats } from 'arena-pirate';
import { KIB, MIB } from '../settings.js';
import { answerAllocations } from './answers.js';
import type { AllocatorMaker, InScope } from './batch.js';
import { compileAnew } from './compile-anew.js';
import { CONSTRUCTIONS } from './constructions.js';
import { RELEASES, type Variant } from './variant.js';

// Times as long as each variant warms up.
const WARM_UPS = 16;
// Each has code of its own: with one of bytes alone, doubles took a quarter more time in their first five rounds than later.
const KINDS = [Uint8Array, Float64Array];
// Two that are zeroed with others, one by itself, and one that has slabs of its own.
const BYTES = [1 * KIB, 4 * KIB, 20 * KIB, 1.5 * MIB];
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
  const ways = RELEASES.flatMap((release) =>
    KINDS.flatMap((Kind) => BYTES.map((bytes) => ({ release, Kind, bytes }))),
  );
  for (const { release, Kind, bytes } of ways) {
    const length = bytes / Kind.BYTES_PER_ELEMENT;
    const end = performance.now() + milliseconds / ways.length;
    const inScope = () => {
      for (let i = 0; i < ARRAYS_PER_SCOPE; i++) new Kind(length)[0] = 1;
    };
    while (performance.now() < end) arena.sync(inScope, { release });
  }
}

// Source text for compileAnew.
function inArena(sync: typeof arena.sync, options: ArenaOptions): InScope {
  return (fn) => sync(fn, options);
}
