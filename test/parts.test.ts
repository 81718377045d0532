import { arena, isArenaArray } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { typedArrayNames, typedArrays } from './support/kinds.js';

describe.each(['collected', 'exit'] as const)("parts of arrays in '%s' scopes", (release) => {
  it.each(typedArrayNames)('come from arenas where they are large enough: %s', (name) => {
    const T = typedArrays[name];
    const source = new T(20_000);
    const options = { release, minBytes: 512 };
    const ofArena = arena.sync(() => {
      const inside = new T(20_000);
      return [source, inside].map((array) =>
        [array.slice(), array.slice(3), array.slice(-600, -1), array.slice(0, 10)].map(
          isArenaArray,
        ),
      );
    }, options);
    expect(ofArena).toEqual([
      [true, true, true, false],
      [true, true, true, false],
    ]);
  });

  it('lie where the array does', () => {
    const outside = new Float64Array(1000);
    arena.sync(
      () => {
        expect(isArenaArray(outside.subarray(1))).toBe(false);
        expect(isArenaArray(new Float64Array(1000).subarray(1))).toBe(true);
      },
      { release },
    );
  });
});
