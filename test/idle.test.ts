import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { inChild, type Kit } from './support/child.js';
import { packageRoot } from './support/run.js';

const MIB = 2 ** 20;
const RELEASES = ['collected', 'exit'] as const;
const GC = { flags: ['--expose-gc'] };
// V8 marks in a young process whose heap grows beyond what it was at first, and what is alive when it begins has grown old
// when that ends, whoever has let go of it meanwhile: no idle thread collects that.
const NO_MARKING = ['--initial-heap-size=512'];

/** Makes arrays of 500 bytes to 5 MB in scopes, and says what was wrong with them. */
function busy({ arena, fillPattern, holdsPattern }: Kit, release: 'collected' | 'exit'): number {
  let wrong = 0;
  for (let i = 0; i < 6; i++) {
    arena.sync(
      () => {
        const arrays = [500, 100_000, 2_500_000, 5_000_000].map((size) => new Uint8Array(size));
        for (const array of arrays) {
          if (!array.every((byte) => byte === 0)) wrong++;
          fillPattern(array, i);
        }
        if (!arrays.every((array) => holdsPattern(array, i))) wrong++;
      },
      { release },
    );
  }
  return wrong;
}
const extras = { busy };
type WithBusy = Kit & { busy: typeof busy };

describe.each(RELEASES)("memory of '%s' scopes, when the thread has become idle", (release) => {
  it('goes back to the system, and reads as zero when it is used again', async () => {
    const result = await inChild(
      async (kit, release) => {
        const { busy, configure, stats } = kit as WithBusy;
        configure({ trimAfter: 20 });
        const seen = [];
        let wrong = 0;
        for (let round = 0; round < 3; round++) {
          wrong += busy(kit, release);
          const before = stats().thread.bytes.resident ?? 0;
          const { count } = stats().thread.trims;
          const end = performance.now() + 10_000;
          while (stats().thread.trims.count === count && performance.now() < end) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          const { bytes, trims } = stats().thread;
          seen.push({ before, after: bytes.resident ?? 0, trimmed: trims.bytes });
        }
        return { wrong, seen, process: stats().process.trims, thread: stats().thread.trims };
      },
      { extras, flags: NO_MARKING },
      release,
    );
    expect(result.wrong).toBe(0);
    let trimmed = 0;
    for (const round of result.seen) {
      expect(round.before).toBeGreaterThan(8 * MIB);
      // The window in use stays, and so does one that has grown old.
      expect(round.after).toBeLessThanOrEqual(round.before / 2);
      expect(round.trimmed - trimmed).toBeGreaterThanOrEqual(round.before / 2);
      trimmed = round.trimmed;
    }
    expect(result.thread).toEqual({ count: 3, bytes: trimmed });
    expect(result.process).toEqual(result.thread);
  });

  it('is kept with trimAfter: Infinity', async () => {
    const { before, after, trims } = await inChild(
      async (kit, release) => {
        const { busy, configure, stats } = kit as WithBusy;
        configure({ trimAfter: 20 });
        busy(kit, release);
        configure({ trimAfter: Number.POSITIVE_INFINITY });
        const before = stats().thread.bytes.resident;
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { before, after: stats().thread.bytes.resident, trims: stats().thread.trims };
      },
      { extras },
      release,
    );
    expect(before).toBeGreaterThan(8 * MIB);
    expect(after).toBe(before);
    expect(trims).toEqual({ count: 0, bytes: 0 });
  });

  it('that is in use stays as it is', async () => {
    const held = await inChild(
      async ({ arena, configure, fillPattern, holdsPattern, stats }, release) => {
        configure({ trimAfter: 10 });
        const sizes = [500, 100_000, 2_500_000, 5_000_000];
        const make = () => sizes.map((size) => fillPattern(new Uint8Array(size), size));
        return await arena(
          async () => {
            const arrays = make();
            for (let i = 0; i < 20; i++) {
              arena.sync(make, { release: 'exit', copyResult: false });
              arena.sync(make, { release: 'collected' });
              await new Promise((resolve) => setTimeout(resolve, 30));
            }
            return {
              trims: stats().thread.trims.count,
              held: arrays.map((array, i) => holdsPattern(array, sizes[i] as number)),
            };
          },
          { release },
        );
      },
      {},
      release,
    );
    expect(held.trims).toBeGreaterThan(3);
    expect(held.held).toEqual([true, true, true, true]);
  });
});

describe('looking for idleness', () => {
  it('finds what V8 has collected later', async () => {
    const { atFirst, later } = await inChild(
      async ({ arena, collectGarbage, configure, stats }) => {
        const wait = async (until: () => boolean) => {
          const end = performance.now() + 10_000;
          while (!until() && performance.now() < end) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        };
        configure({ trimAfter: 20 });
        let arrays: unknown[] | undefined = arena.sync(() =>
          Array.from({ length: 10 }, () => new Uint8Array(3_000_000).fill(1)),
        );
        // Old enough that a minor collection does not take them.
        await collectGarbage();
        await new Promise((resolve) => setTimeout(resolve, 200));
        const atFirst = { held: arrays?.length, ...stats().thread.slabs };
        arrays = undefined;
        await collectGarbage();
        await wait(() => stats().thread.trims.bytes > 25_000_000);
        return { atFirst, later: { ...stats().thread.slabs, ...stats().thread.bytes } };
      },
      GC,
    );
    expect(atFirst).toMatchObject({ held: 10, waiting: 20 });
    expect(later).toMatchObject({ waiting: 0, resident: 0 });
  });

  it('is not put off by reading the options, and begins when they allow it', async () => {
    const { kept, count } = await inChild(async ({ arena, configure, stats }) => {
      configure({ trimAfter: Number.POSITIVE_INFINITY });
      arena.sync(() => new Uint8Array(5_000_000).fill(1).length);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const kept = stats().thread.trims.count;
      configure({ trimAfter: 200 });
      const end = performance.now() + 10_000;
      while (stats().thread.trims.count === 0 && performance.now() < end) {
        configure();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return { kept, count: stats().thread.trims.count };
    });
    expect(kept).toBe(0);
    expect(count).toBe(1);
  });

  it('does not keep a process running', async () => {
    const source = `
      const { arena } = require('arena-pirate');
      arena.sync(() => new Uint8Array(5_000_000));
      arena.sync(() => new Uint8Array(5_000_000), { release: 'exit' });`;
    const env = { ...process.env, ARENA_PIRATE_TRIM_AFTER: '2147483647' };
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', source], {
      cwd: packageRoot,
      env,
      timeout: 20_000,
    });
    expect(stdout).toBe('');
  });

  it('does not keep what the user has stored in the async context', async () => {
    const collected = await inChild(async ({ arena, collectGarbage }) => {
      const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
      const storage = new AsyncLocalStorage<object>();
      const stored = (() => {
        const store = { request: 'large' };
        storage.run(store, () => arena.sync(() => new Uint8Array(5_000_000).length));
        return new WeakRef(store);
      })();
      await collectGarbage();
      await collectGarbage();
      return stored.deref() === undefined;
    }, GC);
    expect(collected).toBe(true);
  });

  it('goes on in a scope that takes nothing at first', async () => {
    const trimmed = await inChild(async ({ arena, configure, stats }) => {
      configure({ trimAfter: 20 });
      return await arena(async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        for (let i = 0; i < 10; i++) new Uint8Array(3_000_000).fill(1);
        const end = performance.now() + 10_000;
        while (stats().thread.trims.bytes === 0 && performance.now() < end) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return stats().thread.trims.bytes;
      });
    });
    expect(trimmed).toBeGreaterThan(3_000_000);
  });

  it.each(RELEASES)("calls no hook while an array is made, in '%s' scopes", async (release) => {
    const { wrong, inScopes, opened } = await inChild(
      async ({ arena, collectGarbage, configure }, release) => {
        const { createHook } = process.getBuiltinModule('node:async_hooks');
        configure({ trimAfter: 5 });
        let inHook = false;
        let calls = 0;
        createHook({
          init() {
            calls++;
            if (inHook) return;
            inHook = true;
            for (let i = 0; i < 2; i++) new Float64Array(100_000).fill(1);
            inHook = false;
          },
        }).enable();
        let wrong = 0;
        let inScopes = 0;
        let opened = 0;
        for (let round = 0; round < 20; round++) {
          await new Promise((resolve) => setTimeout(resolve, 15));
          const before = calls;
          const work = () => {
            opened += calls - before;
            const atFirst = calls;
            for (let i = 0; i < 100; i++) {
              const array = new Float64Array(i === 50 ? 300_000 : 1000);
              if (!array.every((n) => n === 0)) wrong++;
              array.fill(2);
            }
            inScopes += calls - atFirst;
          };
          arena.sync(work, { release });
          await collectGarbage();
        }
        return { wrong, inScopes, opened };
      },
      GC,
      release,
    );
    expect({ wrong, inScopes }).toEqual({ wrong: 0, inScopes: 0 });
    // The timer has been started, elsewhere.
    expect(opened).toBeGreaterThan(0);
  });

  it('begins once where a hook opens a scope', async () => {
    const opened = await inChild(({ arena }) => {
      const { createHook } = process.getBuiltinModule('node:async_hooks');
      let opened = 0;
      const hook = createHook({
        init() {
          opened++;
          arena.sync(() => new Float64Array(1000));
        },
      }).enable();
      arena.sync(() => new Float64Array(1000));
      hook.disable();
      return opened;
    });
    expect(opened).toBe(1);
  });

  it.each(RELEASES)("asks for no property of users' arrays, in '%s' scopes", async (release) => {
    const asked = await inChild(
      ({ arena }, release) => {
        const { prototype } = Object.getPrototypeOf(Float64Array);
        const length = Object.getOwnPropertyDescriptor(prototype, 'length') as PropertyDescriptor;
        const stacks: (string | undefined)[] = [];
        const watched = { ...length, get: () => stacks.push(new Error('asked').stack) };
        arena.sync(
          () => {
            Object.defineProperty(prototype, 'length', watched);
            new Float64Array(1000);
            new Float64Array([1, 2, 3]);
            Buffer.allocUnsafe(1000);
            Object.defineProperty(prototype, 'length', length);
          },
          { release, minBytes: 1 },
        );
        return stacks;
      },
      {},
      release,
    );
    expect(asked).toEqual([]);
  });
});
