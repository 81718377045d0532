// Where node:vm has execution terminated, V8 runs no `finally` on the way out: scopes that were open there must be over
// nevertheless, and those around must be what they were.
import vm from 'node:vm';
import type { Release } from 'arena-pirate';
import { arena, currentArena, install, isArenaArray, noArena, uninstall } from 'arena-pirate';
import { afterEach, describe, expect, it } from 'vitest';

const BYTES = 5000;

/** What does not end by itself, in scopes of all kinds. */
const endless: Record<string, (release: Release) => unknown> = {
  'arena.sync': (release) => arena.sync(forever, { release }),
  arena: (release) => arena(forever, { release }),
  'scopes in scopes': (release) =>
    arena.sync(() => arena(() => arena.sync(forever, { release }), { release }), { release }),
  'noArena in a scope': (release) => arena.sync(() => noArena(forever), { release }),
  noArena: () => noArena(forever),
  'one scope after the other': (release) => {
    for (;;) arena.sync(() => new Uint8Array(BYTES).fill(1), { release });
  },
  'a wrapped function': (release) => {
    const wrapped = arena.wrap(() => new Uint8Array(BYTES).fill(1), { release });
    for (;;) wrapped();
  },
};

function forever(): never {
  for (;;) new Uint8Array(BYTES).fill(1);
}

const runners: Record<string, (fn: () => unknown) => void> = {
  'vm.runInNewContext': (fn) => vm.runInNewContext('fn()', { fn }, { timeout: 20 }),
  'vm.runInThisContext': (fn) => {
    const run = vm.runInThisContext('(fn) => { globalThis.endless = fn; }');
    run(fn);
    try {
      vm.runInThisContext('endless()', { timeout: 20 });
    } finally {
      run(undefined);
    }
  },
};

const TIMEOUT = { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' };

describe.each(Object.entries(runners))('what %s terminates', (_, run) => {
  describe.each(['collected', 'exit'] as const)('in %s scopes', (release) => {
    // Throws where a scope is open.
    afterEach(() => {
      uninstall();
      install();
    });

    it.each(Object.entries(endless))('leaves no scope open: %s', (_, fn) => {
      expect(() => run(() => fn(release))).toThrow(expect.objectContaining(TIMEOUT));
      expect(currentArena()).toBeUndefined();
      expect(isArenaArray(new Uint8Array(BYTES))).toBe(false);
    });

    it.each(Object.entries(endless))('leaves the scope around it as it was: %s', async (_, fn) => {
      const around = async () => {
        const before = new Uint8Array(BYTES).fill(7);
        await undefined;
        expect(() => run(() => fn(release))).toThrow(expect.objectContaining(TIMEOUT));
        const after = new Uint8Array(BYTES);
        expect(isArenaArray(after)).toBe(true);
        expect(currentArena()).toMatchObject({ release, depth: 1 });
        arena.sync(() => new Uint8Array(BYTES).fill(9), { release });
        expect(before).toEqual(new Uint8Array(BYTES).fill(7));
        expect(after).toEqual(new Uint8Array(BYTES));
      };
      await arena(around, { release });
      expect(currentArena()).toBeUndefined();
    });
  });
});

describe('a scope that was terminated', () => {
  const exit = { release: 'exit' } as const;

  it('hands nothing of a scope that has ended to arrays outside', async () => {
    let goOn = () => {};
    const other = arena(() => new Promise<void>((resolve) => (goOn = resolve)), exit);
    await arena(async () => {
      await undefined;
      expect(() =>
        vm.runInNewContext('fn()', { fn: () => arena.sync(forever, exit) }, { timeout: 20 }),
      ).toThrow(expect.objectContaining(TIMEOUT));
    }, exit);
    goOn();
    await other;
    const mine = new Uint8Array(BYTES).fill(7);
    for (let i = 0; i < 3; i++) {
      await arena(() => arena(async () => new Uint8Array(BYTES).fill(99), exit), exit);
    }
    expect(mine).toEqual(new Uint8Array(BYTES).fill(7));
  });

  it('leaves an asynchronous one that was begun there to its promise', async () => {
    const pending: Promise<unknown>[] = [];
    const begin = () => {
      pending.push(arena(async () => new Uint8Array(BYTES).fill(7), exit) as Promise<unknown>);
      arena.sync(forever, exit);
    };
    expect(() => vm.runInNewContext('begin()', { begin }, { timeout: 20 })).toThrow(
      expect.objectContaining(TIMEOUT),
    );
    expect(await pending[0]).toEqual(new Uint8Array(BYTES).fill(7));
    uninstall();
    install();
  });
});
