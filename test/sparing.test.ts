// Small arrays whose `.buffer` is asked for all the time are left to V8 for some scopes.
import { describe, expect, it } from 'vitest';
import { inChild, type Kit } from './support/child.js';

/** How many of 100 arrays lie in an arena, in each of so many scopes. */
const servedPerScope = (
  { arena, isArenaArray, stats, configure }: Kit,
  scopes: number,
  askedOf100: number,
  bytes: number,
  options: { minBytes?: number },
  configured: { minBytes?: number },
) => {
  configure(configured);
  const served: number[] = [];
  for (let scope = 0; scope < scopes; scope++) {
    let count = 0;
    arena.sync(() => {
      for (let i = 0; i < 100; i++) {
        const array = new Uint8Array(bytes);
        if (i < askedOf100 && array.buffer.byteLength !== bytes) throw new Error('wrong buffer');
        if (isArenaArray(array)) count++;
      }
    }, options);
    served.push(count);
  }
  return { served, spared: stats().thread.sparedScopes };
};

const run = (
  scopes: number,
  askedOf100: number,
  bytes = 1000,
  options: { minBytes?: number } = {},
  configured: { minBytes?: number } = {},
) => inChild(servedPerScope, {}, scopes, askedOf100, bytes, options, configured);

const repeat = (count: number, times: number) => Array<number>(times).fill(count);

describe('small arrays', () => {
  it('that are all asked for their buffers are left to V8, in spells that grow', async () => {
    const { served, spared } = await run(60, 100);
    expect(served).toEqual([64, ...repeat(0, 16), 64, ...repeat(0, 32), 64, ...repeat(0, 9)]);
    expect(spared).toBe(16 + 32 + 9);
  });

  it('of which one in three is asked are served', async () => {
    expect(await run(30, 33)).toEqual({ served: repeat(100, 30), spared: 0 });
  });

  it('that are never asked are served', async () => {
    expect(await run(30, 0)).toEqual({ served: repeat(100, 30), spared: 0 });
  });

  it('are served wherever minBytes is given', async () => {
    const all = { served: repeat(100, 10), spared: 0 };
    expect(await run(10, 100, 1000, { minBytes: 100 })).toEqual(all);
    expect(await run(10, 100, 1000, { minBytes: 65 })).toEqual(all);
    expect(await run(10, 100, 1000, {}, { minBytes: 64 })).toEqual(all);
  });
});

it('large arrays that are all asked for their buffers are served', async () => {
  expect(await run(10, 100, 16 * 1024)).toEqual({ served: repeat(100, 10), spared: 0 });
});

it('large arrays are served in spared scopes, too', async () => {
  const served = await inChild(({ arena, isArenaArray }) => {
    const ask = () => {
      for (let i = 0; i < 100; i++) void new Uint8Array(1000).buffer;
    };
    arena.sync(ask);
    return arena.sync(() =>
      [1000, 2 ** 20, 2 ** 20 + 1, 3_000_000].map((n) => isArenaArray(new Uint8Array(n))),
    );
  });
  expect(served).toEqual([false, false, true, true]);
});

it('scopes that have others in them, and awaits, are spared alike', async () => {
  const seen = await inChild(async ({ arena, isArenaArray, currentArena }) => {
    const ask = () => {
      for (let i = 0; i < 100; i++) void new Uint8Array(1000).buffer;
    };
    arena.sync(ask);
    return arena(async () => {
      await null;
      const outer = isArenaArray(new Uint8Array(1000));
      const inner = arena.sync(() => isArenaArray(new Uint8Array(1000)), { minBytes: 65 });
      return { outer, inner, minBytes: currentArena()?.minBytes };
    });
  });
  expect(seen).toEqual({ outer: false, inner: true, minBytes: 2 ** 20 + 1 });
});

it('checked mode sees every array', async () => {
  const escapes = await inChild(({ arena, findEscapes }) => {
    const ask = () => {
      for (let i = 0; i < 100; i++) void new Uint8Array(1000).buffer;
    };
    arena.sync(ask);
    const kept: Uint8Array[] = [];
    const keep = () => {
      ask();
      for (let i = 0; i < 100; i++) kept.push(new Uint8Array(1000));
    };
    return findEscapes(() => arena.sync(keep, { release: 'exit' })).map(({ arrays }) => arrays);
  });
  expect(escapes).toEqual([100]);
});
