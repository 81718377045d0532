import { setImmediate as nextTurn } from 'node:timers/promises';
import { arena, configure, isArenaArray, noArena } from 'arena-pirate';
import { describe, expect, it } from 'vitest';

// Node takes little memory from its pool, as fast as arenas could.

const BYTES = 100;

const makers: Readonly<Record<string, () => Buffer>> = {
  'Buffer.allocUnsafe': () => Buffer.allocUnsafe(BYTES),
  'Buffer.from(string)': () => Buffer.from('x'.repeat(BYTES)),
  'Buffer.from(array)': () => Buffer.from(new Uint8Array(BYTES)),
  'Buffer.concat': () => Buffer.concat([Buffer.from('x'), new Uint8Array(BYTES - 1)]),
};

const GIVEN = { minBytes: 65 };

it('Buffer.allocUnsafe of 256 bytes, in which protocols write, is of Node’s pool', () => {
  const made = arena.sync(() => [256, 257].map((bytes) => isArenaArray(Buffer.allocUnsafe(bytes))));
  expect(made).toEqual([false, true]);
});

describe.each(Object.entries(makers))('%s of little memory', (_name, make) => {
  const isServed = () => isArenaArray(make());

  it("is left to Node's pool where nobody has said from which size to serve", () => {
    expect(arena.sync(isServed)).toBe(false);
  });

  it('is served where a scope has been given a minBytes', () => {
    expect(arena.sync(isServed, GIVEN)).toBe(true);
  });

  it('is served where configure has been given a minBytes', () => {
    const { minBytes } = configure();
    configure({ minBytes: 64 });
    try {
      expect(arena.sync(isServed)).toBe(true);
    } finally {
      configure({ minBytes });
    }
    expect(arena.sync(isServed)).toBe(false);
  });

  it('is asked of the scope that it is made in, not of others', async () => {
    const inBoth = () => arena.sync(() => [isServed(), arena.sync(isServed), isServed()], GIVEN);
    expect(inBoth()).toEqual([true, false, true]);
    expect(arena.sync(() => [isServed(), inBoth(), isServed()])).toEqual([
      false,
      [true, false, true],
      false,
    ]);

    const afterAwaits = async () => {
      const before = isServed();
      await nextTurn();
      return [before, isServed(), noArena(isServed)];
    };
    const scopes = [arena(afterAwaits), arena(afterAwaits, GIVEN), arena(afterAwaits)];
    expect(isServed()).toBe(false);
    expect(await Promise.all(scopes)).toEqual([
      [false, false, false],
      [true, true, false],
      [false, false, false],
    ]);
  });

  it('is left to the pool again once such a scope has ended, or has thrown', () => {
    const fail = () => {
      throw new Error('on purpose');
    };
    expect(() => arena.sync(fail, GIVEN)).toThrow('on purpose');
    expect(arena.sync(isServed)).toBe(false);
  });
});
