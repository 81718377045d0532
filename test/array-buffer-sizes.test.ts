import { arena, isArenaArray, type Release } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { SERVES_ARRAY_BUFFERS } from './support/served.js';

const KIB = 1024;
const [major] = process.versions.node.split('.').map(Number) as [number];

// As the README says.
const LEAST: Readonly<Record<Release, number>> =
  major < 24 ? { collected: 128 * KIB, exit: 64 * KIB } : { collected: 32 * KIB, exit: 32 * KIB };

describe.each(Object.entries(LEAST))("new ArrayBuffer(n) in '%s' scopes", (release, least) => {
  const isServed = (bytes: number) =>
    arena.sync(() => isArenaArray(new ArrayBuffer(bytes)), { release: release as Release });

  it('comes from arenas from the size on that pays, where the constructor can be replaced', () => {
    expect([least - 1, least, 8 * least].map(isServed)).toEqual([
      false,
      SERVES_ARRAY_BUFFERS,
      SERVES_ARRAY_BUFFERS,
    ]);
  });

  it('is left to V8 below that also where a scope is given a minBytes', () => {
    const made = () => isArenaArray(new ArrayBuffer(least - 1));
    expect(arena.sync(made, { release: release as Release, minBytes: 1 })).toBe(false);
  });
});
