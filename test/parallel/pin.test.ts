// Where the workers of mtMapArena run. In processes of their own: what a call leaves pinned would be seen.
import { join } from 'node:path';
import { getAffinity } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { inChild } from '../support/child.js';
import { packageRoot, run } from '../support/run.js';

const cpus = process.platform === 'linux' ? getAffinity() : [];
const enough = cpus.length >= 2;
const why = enough ? '' : ' (skipped: fewer than two cpus that threads can be placed on)';

const refuse = ['python3', join(packageRoot, 'test/support/refuse.py'), 'sched_setaffinity'];
const sandboxes = enough && run('python3', [...refuse.slice(1), 'true']).status === 0;

describe.skipIf(!enough)(`the workers of mtMapArena${why}`, () => {
  it('run on a cpu each, and everything else where it was', async () => {
    const seen = await inChild(async ({ mtMapArena, getAffinity, taskCpus, waitSync }) => {
      const before = getAffinity();
      const where = () => require('arena-pirate').getAffinity() as number[];
      const pinned = await mtMapArena([1, 2, 3, 4], where, { threads: 2, chunk: 1 });
      const masks = () => [...new Set(Object.values(taskCpus()))];
      // The kernel lists a thread that has ended for a moment yet.
      waitSync(() => masks().length === 1);
      const left = masks();
      const free = await mtMapArena([1, 2], where, { threads: 2, pin: false });
      return { before, after: getAffinity(), pinned, masks: left, free };
    });
    const places = seen.pinned.map((mask) => mask.join());
    expect(seen.pinned.map((mask) => mask.length)).toEqual([1, 1, 1, 1]);
    expect(new Set(places).size).toBe(2);
    expect([seen.after, ...seen.free]).toEqual([seen.before, seen.before, seen.before]);
    // The threads that V8 and libuv have, too.
    expect(seen.masks).toHaveLength(1);
  });

  it('run where `pin` says', async () => {
    const last = cpus.at(-1) as number;
    const masks = await inChild(
      ({ mtMapArena }, last) =>
        mtMapArena([1, 2], () => require('arena-pirate').getAffinity(), {
          threads: 2,
          pin: [last],
        }),
      {},
      last,
    );
    expect(masks).toEqual([[last], [last]]);
  });

  it('of a pool of one’s own stay where they are unless `pin` is given', async () => {
    const seen = await inChild(async ({ mtMapArena, getAffinity }) => {
      const { Piscina } = require('piscina') as typeof import('piscina');
      const pool = new Piscina({ minThreads: 2, maxThreads: 2 });
      const where = () => require('arena-pirate').getAffinity().length as number;
      const left = await mtMapArena([1, 2], where, { pool, chunk: 1 });
      const placed = await mtMapArena([1, 2], where, { pool, chunk: 1, pin: 'cores' });
      await pool.destroy();
      return { all: getAffinity().length, left, placed };
    });
    expect(seen).toEqual({ all: cpus.length, left: [cpus.length, cpus.length], placed: [1, 1] });
  });

  it('are as many as the process has cpus, and placed by pinThreads where that was called', async () => {
    const seen = await inChild(async ({ mtMapArena, pinThreads }) => {
      pinThreads('compact');
      const tell = async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        const { threadId } = require('node:worker_threads') as typeof import('node:worker_threads');
        return [threadId, ...require('arena-pirate').getAffinity()] as number[];
      };
      return mtMapArena(Array(64), tell, { chunk: 1 });
    });
    const byThread = new Map(seen.map(([thread, ...mask]) => [thread, mask]));
    expect(byThread.size).toBe(Math.min(cpus.length, 64));
    expect([...byThread.values()].every((mask) => mask.length === 1)).toBe(true);
    // The first of them has the cpu after the main thread's, the last one starts over.
    expect(new Set([...byThread.values()].flat()).size).toBe(byThread.size);
  });

  it('are not started when `pin` makes no sense', async () => {
    const error = await inChild(({ mtMapArena }) =>
      mtMapArena([1], () => process.exit(1), { pin: 'plunder' }).catch(({ code }) => code),
    );
    expect(error).toBe('ERR_ARENA_INVALID_ARG');
  });

  it.skipIf(!sandboxes)(
    `work unplaced where the kernel refuses, unless \`pin\` was given${
      sandboxes ? '' : ' (skipped: no seccomp filter or no python3)'
    }`,
    async () => {
      const seen = await inChild(
        async ({ mtMapArena }) => {
          const results = await mtMapArena([1, 2], (x) => x * 2);
          const code = await mtMapArena([1, 2], (x) => x, { pin: 'numa' }).catch(
            ({ code }) => code,
          );
          return { results, code };
        },
        { launcher: refuse },
      );
      expect(seen).toEqual({ results: [2, 4], code: 'ERR_ARENA_UNSUPPORTED' });
    },
  );
});
