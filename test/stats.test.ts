import { setTimeout as delay } from 'node:timers/promises';
import { type ArenaStats, arena, clearArenaPool, configure, stats } from 'arena-pirate';
import { beforeEach, describe, expect, it } from 'vitest';
import { inChild, type Kit } from './support/child.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { SERVES_ARRAY_BUFFERS } from './support/served.js';

const MIB = 2 ** 20;
const SLAB = configure().slabBytes;
const exit = { release: 'exit' } as const;
const thread = () => stats().thread;

/** Every number in a tree of objects, by its path. */
function numbersIn(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner, `${path}.${key}`));
}

beforeEach(() => {
  clearArenaPool();
});

describe('stats', () => {
  it('has the same shape for thread and process, nothing but counts in it', () => {
    const all: ArenaStats = stats();
    expect(Object.keys(all)).toEqual(['thread', 'process', 'numa']);
    const paths = (part: object) => numbersIn(part).map(([path]) => path);
    expect(paths(all.thread)).toEqual([
      '.arenas',
      '.slabs.free',
      '.slabs.inUse',
      '.slabs.waiting',
      '.bytes.mapped',
      '.bytes.resident',
      '.bytes.handedOut',
      '.captured',
      '.fallbacks.maxBytes',
      '.fallbacks.memory',
      '.fallbacks.buffer',
      '.fallbacks.callback',
      '.sparedScopes',
      '.collections.count',
      '.collections.milliseconds',
      '.trims.count',
      '.trims.bytes',
      '.refusals.mappings',
      '.refusals.hugePages',
      '.refusals.policies',
      '.refusals.names',
      '.refusals.reducedArenas',
    ]);
    expect(paths(all.process)).toEqual(paths(all.thread));
    const { numa, ...counters } = all;
    expect(Object.keys(numa)).toEqual(['node', 'residentPages', 'hugePages', 'sampling']);
    const odd = numbersIn(counters).filter(([, n]) => !((n as number) >= 0));
    expect(odd).toEqual([['.process.bytes.resident', undefined]]);
  });

  it('is a snapshot that does not move', () => {
    const before = thread();
    const { captured } = before;
    arena.sync(() => new Uint8Array(1000));
    expect(before.captured).toBe(captured);
  });

  it('counts arrays, Buffers and ArrayBuffers that came from arenas, and no others', () => {
    const before = thread().captured;
    new Uint8Array(1000);
    arena.sync(() => {
      new Uint8Array(64);
      new Uint8Array(1000).subarray(10);
      Buffer.alloc(1000);
      new ArrayBuffer(3 * MIB);
      new Float64Array(MIB);
    });
    expect(thread().captured - before).toBe(SERVES_ARRAY_BUFFERS ? 4 : 3);
  });

  it('counts whole arenas and their slabs', () => {
    expect(thread()).toMatchObject({ arenas: 0, slabs: { free: 0, inUse: 0, waiting: 0 } });
    arena.sync(() => {
      new Uint8Array(1000);
      const { arenas, bytes, slabs } = thread();
      expect([arenas, bytes.mapped]).toEqual([1, 128 * MIB]);
      expect(slabs).toEqual({ free: 63, inUse: 1, waiting: 0 });
    });
  });

  it('says that free, used and waiting slabs are all that is mapped', () => {
    arena.sync(() => new Float64Array(MIB), exit);
    arena.sync(() => [new Uint8Array(1000), new Float64Array(MIB)]);
    const { bytes, slabs } = thread();
    expect((slabs.free + slabs.inUse + slabs.waiting) * SLAB).toBe(bytes.mapped);
  });

  it('hands out what an exit scope takes, in whole cache lines, until it ends', () => {
    const before = thread().bytes.handedOut;
    arena.sync(() => {
      new Uint8Array(1000);
      expect(thread().bytes.handedOut - before).toBe(1024);
      new Uint8Array(3 * MIB);
      expect(thread().bytes.handedOut - before).toBe(1024 + 3 * MIB);
      expect(thread().slabs.inUse).toBeGreaterThanOrEqual(3);
    }, exit);
    expect(thread().bytes.handedOut).toBe(before);
    expect(thread().slabs.waiting).toBe(0);
  });

  it('lets large arrays of collected scopes wait until they are collected', () => {
    const before = thread();
    let array: Uint8Array | undefined = arena.sync(() => new Uint8Array(3 * MIB));
    expect(thread().slabs.waiting - before.slabs.waiting).toBe(2);
    expect(thread().bytes.handedOut - before.bytes.handedOut).toBe(2 * SLAB);
    clearArenaPool();
    expect(thread().slabs.waiting).toBe(2);
    expect(array.length).toBe(3 * MIB);
    array = undefined;
    clearArenaPool();
    expect(thread().slabs.waiting).toBe(0);
    expect(thread().bytes.handedOut).toBe(0);
  });

  it('counts collections that it asked for, and their time', () => {
    const before = thread().collections;
    clearArenaPool();
    const after = thread().collections;
    expect(after.count - before.count).toBe(1);
    expect(after.milliseconds).toBeGreaterThan(before.milliseconds);
  });

  it('counts the arrays that callbacks in an exit scope get from V8', async () => {
    const before = thread();
    await arena(async () => {
      await new Promise<void>((resolve) =>
        setTimeout(() => {
          new Uint8Array(1000);
          new Uint8Array(1000);
          new Uint8Array(64);
          resolve();
        }),
      );
    }, exit);
    const after = thread();
    expect(after.fallbacks.callback - before.fallbacks.callback).toBe(2);
    expect(after.captured).toBe(before.captured);
  });

  it('says how much is resident: what has been written, not what is mapped', () => {
    const before = thread().bytes.resident as number;
    const array = arena.sync(() => new Uint8Array(20 * MIB));
    expect(thread().bytes.resident).toBeLessThan(before + 10 * MIB);
    array.fill(1);
    expect(thread().bytes.resident).toBeGreaterThanOrEqual(before + 20 * MIB);
    expect(thread().bytes.resident).toBeLessThanOrEqual(thread().bytes.mapped);
  });

  it('counts a worker in the process, and keeps what it counted up after its end', async () => {
    const result = await inChild(async ({ arena, startWorker, stats }: Kit) => {
      arena.sync(() => new Uint8Array(1000));
      const alone = stats();
      const worker = startWorker(({ arena }: Kit) => {
        const { parentPort } = process.getBuiltinModule('node:worker_threads');
        const arrays = arena.sync(() => Array.from({ length: 10 }, () => new Uint8Array(1000)));
        parentPort?.on('message', () => parentPort.close());
        parentPort?.postMessage(arrays.length);
      });
      await new Promise((resolve) => worker.once('message', resolve));
      const beside = stats();
      worker.postMessage('end');
      await new Promise((resolve) => worker.once('exit', resolve));
      return { alone, beside, after: stats() };
    });
    const { alone, beside, after } = result;
    for (const { thread, process } of [alone, beside, after]) {
      const shown = new Map(numbersIn(process));
      const exceeding = numbersIn(thread).filter(
        ([path, n]) => path !== '.bytes.resident' && (n as number) > (shown.get(path) as number),
      );
      expect(exceeding).toEqual([]);
    }
    expect([alone, beside, after].map(({ thread }) => thread.captured)).toEqual([1, 1, 1]);
    expect([alone, beside, after].map(({ process }) => process.captured)).toEqual([1, 11, 11]);
    expect([alone, beside, after].map(({ process }) => process.arenas)).toEqual([1, 2, 1]);
    expect([alone, beside, after].map(({ process }) => process.bytes.mapped)).toEqual([
      128 * MIB,
      256 * MIB,
      128 * MIB,
    ]);
  });
});

describe('clearArenaPool', () => {
  it('returns what it gives back, unmaps it, and returns 0 when nothing is left', () => {
    arena.sync(() => new Uint8Array(20 * MIB).fill(1), exit);
    const { resident, mapped } = thread().bytes;
    expect(resident).toBeGreaterThanOrEqual(20 * MIB);
    expect(mapped).toBe(128 * MIB);
    expect(clearArenaPool()).toBeGreaterThanOrEqual(20 * MIB);
    expect(thread().bytes).toEqual({ mapped: 0, resident: 0, handedOut: 0 });
    expect(thread().arenas).toBe(0);
    expect(clearArenaPool()).toBe(0);
  });

  it('leaves live arrays their bytes and gives the rest of their arena back', () => {
    const kept = arena.sync(() => {
      new Uint8Array(20 * MIB).fill(1);
      return [
        fillPattern(new Uint8Array(1000), 1),
        fillPattern(new Uint8Array(3 * MIB), 2),
      ] as const;
    });
    expect(clearArenaPool()).toBeGreaterThanOrEqual(20 * MIB);
    expect(thread().bytes.mapped).toBe(128 * MIB);
    expect(thread().bytes.resident).toBeLessThan(12 * MIB);
    arena.sync(() => new Uint8Array(30 * MIB).fill(0xee), exit);
    expect([holdsPattern(kept[0], 1), holdsPattern(kept[1], 2)]).toEqual([true, true]);
  });

  it('works inside scopes, whose arrays stay', async () => {
    const kept = await arena(async () => {
      const array = fillPattern(new Uint8Array(1000), 3);
      await delay(1);
      clearArenaPool();
      const after = fillPattern(new Uint8Array(1000), 4);
      clearArenaPool();
      return holdsPattern(array, 3) && holdsPattern(after, 4);
    }, exit);
    expect(kept).toBe(true);
  });

  it('leaves a pool that works', () => {
    clearArenaPool();
    const array = arena.sync(() => fillPattern(new Uint8Array(1000), 5));
    expect(holdsPattern(array, 5)).toBe(true);
    expect(thread().arenas).toBe(1);
  });
});
