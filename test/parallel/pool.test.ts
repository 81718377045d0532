import { join } from 'node:path';
import { mtMapArena } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { newPool, numbers, rejection } from '../support/parallel.js';
import { packageRoot } from '../support/run.js';

describe('a pool of one’s own', () => {
  it('keeps its threads, its own tasks and what a task has learnt', async () => {
    const pool = newPool({ minThreads: 2, maxThreads: 2 });
    const task = () => {
      const store = globalThis as { calls?: number };
      store.calls = (store.calls ?? 0) + 1;
      return [require('node:worker_threads').threadId as number, store.calls];
    };
    const first = await mtMapArena(Array(6), task, { pool, chunk: 1 });
    const second = await mtMapArena(Array(6), task, { pool, chunk: 1 });
    const ids = new Set([...first, ...second].map(([id]) => id));
    expect(ids.size).toBe(2);
    expect(Math.max(...second.map(([, calls]) => calls as number))).toBeGreaterThan(3);
    expect(pool.threads.map(({ threadId }) => threadId).sort()).toEqual([...ids].sort());
  });

  it('serves maps at the same time, each with its own results', async () => {
    const pool = newPool({ minThreads: 1, maxThreads: 2, concurrentTasksPerWorker: 2 });
    const maps = [1, 2, 3].map((factor) =>
      mtMapArena(
        numbers(50).map((i) => i * factor),
        async (item) => {
          const array = new Float64Array(1000).fill(item);
          await new Promise((resolve) => setImmediate(resolve));
          return array;
        },
        { pool, release: 'exit' },
      ),
    );
    for (const [i, results] of (await Promise.all(maps)).entries()) {
      const wrong = results.filter((array, k) => !array.every((x) => x === k * (i + 1)));
      expect(wrong).toEqual([]);
    }
  });

  it('is usable again after a task has failed', async () => {
    const pool = newPool({ minThreads: 2, maxThreads: 2 });
    const options = { pool, chunk: 1 };
    const failing = mtMapArena(numbers(20), (item) => item === 3 && Promise.reject(3), options);
    expect((await rejection(failing)).index).toBe(3);
    expect(await mtMapArena(numbers(20), (item) => item, options)).toEqual(numbers(20));
  });

  it('is shared with its own tasks: they do not wait for the end of a map', async () => {
    const pool = newPool({ minThreads: 1, maxThreads: 1 });
    let done = 0;
    const onProgress = () => done++;
    const map = mtMapArena(
      numbers(100),
      () => new Promise<void>((resolve) => setTimeout(resolve, 2)),
      { pool, chunk: 1, onProgress },
    );
    const filename = join(packageRoot, 'test/support/double.cjs');
    const between: number[] = [];
    for (let i = 0; i < 3; i++) {
      expect(await pool.run(i, { filename })).toBe(i * 2);
      between.push(done);
    }
    await map;
    expect(between[2]).toBeLessThan(50);
    expect(between[2]).toBeGreaterThan(between[0] as number);
    expect(done).toBe(100);
  });

  it('that has been destroyed rejects', async () => {
    const pool = newPool({ minThreads: 1, maxThreads: 1, filename: null });
    const closing = pool.close();
    const error = await rejection(mtMapArena([1], (item) => item, { pool }));
    expect(error.code).toBe('ERR_ARENA_WORKER_DIED');
    await closing;
  });
});
