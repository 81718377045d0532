import { setTimeout } from 'node:timers/promises';
import { mtMapArena } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { newPool, rejection } from '../support/parallel.js';

describe('an AbortSignal', () => {
  it('that has been triggered already rejects before anything is taken or started', async () => {
    const reason = new Error('never mind');
    const items = (function* () {
      yield expect.unreachable();
    })();
    const promise = mtMapArena(items, () => 0, { signal: AbortSignal.abort(reason) });
    expect(await rejection(promise)).toBe(reason);
  });

  it('triggered while items are taken rejects as well', async () => {
    const controller = new AbortController();
    const items = (function* () {
      yield 1;
      controller.abort('enough');
    })();
    expect(await rejection(mtMapArena(items, () => 0, { signal: controller.signal }))).toBe(
      'enough',
    );
  });

  it.each(['threads of the map', 'a pool of one’s own'])(
    'stops tasks that run: %s',
    async (whose) => {
      const pool = whose.startsWith('a pool')
        ? newPool({ minThreads: 2, maxThreads: 2 })
        : undefined;
      const controller = new AbortController();
      const started = new Int32Array(new SharedArrayBuffer(4));
      const promise = mtMapArena(
        Array(10).fill(started),
        (started) => {
          Atomics.add(started, 0, 1);
          for (;;);
        },
        { signal: controller.signal, chunk: 1, ...(pool ? { pool } : { threads: 2 }) },
      );
      while (Atomics.load(started, 0) < 2) await setTimeout(5);
      const reason = new RangeError('that will do');
      controller.abort(reason);
      expect(await rejection(promise)).toBe(reason);
      expect(started[0]).toBe(2);
      if (pool === undefined) return;
      expect(await mtMapArena([1, 2], (item) => item, { pool })).toEqual([1, 2]);
    },
  );

  it('triggered when the map is done changes nothing', async () => {
    const controller = new AbortController();
    const results = await mtMapArena([1], (item) => item, { signal: controller.signal });
    controller.abort();
    expect(results).toEqual([1]);
  });
});
