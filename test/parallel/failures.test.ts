// What goes wrong in the middle: which item is told, and that no thread is left behind.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ArenaError, mtMapArena } from 'arena-pirate';
import { describe, expect, it, vi } from 'vitest';
import { inChild } from '../support/child.js';
import { newPool, numbers, rejection } from '../support/parallel.js';

// Of this process, as the kernel counts them: a worker brings a thread of its own.
const threadCount = () => readdirSync('/proc/self/task').length;
const countsThreads = existsSync('/proc/self/task');

describe('a task that fails', () => {
  it.each([1, 4, undefined])('rejects with its index and its error (chunk %s)', async (chunk) => {
    const error = await rejection(
      mtMapArena(
        numbers(9),
        (item) => {
          if (item !== 5) return item;
          const cause = new TypeError('the reason');
          throw Object.assign(new RangeError('five', { cause }), { code: 'E_FIVE', rows: [1, 2] });
        },
        { threads: 2, ...(chunk === undefined ? {} : { chunk }) },
      ),
    );
    expect(error).toBeInstanceOf(ArenaError);
    expect(error).toMatchObject({ code: 'ERR_ARENA_TASK_FAILED', index: 5 });
    expect(error.message).toMatch(/^Item 5 failed: five \[ERR_ARENA_TASK_FAILED: /);
    const { cause } = error;
    expect(cause).toBeInstanceOf(RangeError);
    expect(cause).toMatchObject({ message: 'five', code: 'E_FIVE', rows: [1, 2] });
    expect(cause.stack).toMatch(/^RangeError: five\n {4}at /);
    expect(cause.cause).toBeInstanceOf(TypeError);
    expect(cause.cause.message).toBe('the reason');
  });

  it.each<[string, () => unknown, unknown]>([
    ['null', () => Promise.reject(null), null],
    ['a string', () => Promise.reject('words'), 'words'],
    ['an object', () => Promise.reject({ a: [1] }), { a: [1] }],
    [
      'an error of a class of its own',
      () => {
        class ShipError extends Error {
          override readonly name = 'ShipError';
        }
        throw new ShipError('sunk');
      },
      expect.objectContaining({ name: 'ShipError', message: 'sunk' }),
    ],
    [
      'an error that cannot be cloned',
      () => {
        throw Object.assign(new Error('kept'), { handler: () => 0 });
      },
      expect.objectContaining({ message: 'kept', handler: '[Function: handler]' }),
    ],
    [
      'an AggregateError',
      () => {
        throw new AggregateError([new EvalError('first')], 'all');
      },
      expect.objectContaining({ message: 'all', errors: [new EvalError('first')] }),
    ],
    [
      'a DOMException',
      () => structuredClone(() => 0),
      expect.objectContaining({ name: 'DataCloneError', message: '() => 0 could not be cloned.' }),
    ],
    [
      'an error that is its own cause',
      () => {
        const error = new Error('round');
        error.cause = error;
        throw error;
      },
      expect.objectContaining({ cause: expect.objectContaining({ message: 'round' }) }),
    ],
  ])('rejects with what was thrown: %s', async (_name, task, cause) => {
    const error = await rejection(mtMapArena([0], task, { threads: 1 }));
    expect(error).toMatchObject({ code: 'ERR_ARENA_TASK_FAILED', index: 0 });
    expect(error.cause).toEqual(cause);
  });

  it.each<[string, () => unknown, unknown]>([
    [
      'the name, the message and the stack of an error',
      () => {
        const throwing = {
          get() {
            throw new Error('in the getter');
          },
        };
        // The stack first, for V8 composes it of the others when it is replaced.
        const properties = { stack: throwing, name: throwing, message: throwing, extra: throwing };
        throw Object.assign(Object.defineProperties(new Error('five'), properties), { rows: [1] });
      },
      expect.objectContaining({
        name: 'Error',
        message: '(cannot be read)',
        stack: '(cannot be read)',
        extra: '(cannot be read)',
        rows: [1],
      }),
    ],
    [
      'a name that is no text, and a stack that cannot be cloned',
      () => {
        throw Object.assign(new Error('five'), { name: Symbol('five'), stack: [() => 5] });
      },
      expect.objectContaining({ name: 'Error', message: 'five', stack: '() => 5' }),
    ],
    [
      'a revoked proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        throw proxy;
      },
      '<Revoked Proxy>',
    ],
    [
      'a revoked proxy of an array, in an error',
      () => {
        const { proxy, revoke } = Proxy.revocable([], {});
        revoke();
        throw new Error('five', { cause: [proxy] });
      },
      expect.objectContaining({ message: 'five', cause: ['<Revoked Proxy>'] }),
    ],
    [
      'a proxy that allows nothing',
      () => {
        const refuse = () => {
          throw new Error('in the trap');
        };
        const traps = { get: refuse, getPrototypeOf: refuse, ownKeys: refuse };
        throw new Proxy(new Error('five'), traps);
      },
      expect.stringContaining('five'),
    ],
    [
      'an error behind a proxy that tells no names',
      () => {
        const traps = {
          ownKeys() {
            throw new Error('in the trap');
          },
        };
        throw new Proxy(new RangeError('five'), traps);
      },
      new RangeError('five'),
    ],
    [
      'what does not even let itself be inspected',
      () => {
        throw {
          cannotBeCloned() {},
          [Symbol.for('nodejs.util.inspect.custom')]() {
            throw new Error('no look');
          },
        };
      },
      '(cannot be read)',
    ],
    [
      'what cannot be made text of',
      () => {
        throw { toString: 5, valueOf: 5 };
      },
      { toString: 5, valueOf: 5 },
    ],
  ])('rejects also where it cannot be read: %s', async (_name, task, cause) => {
    const error = await rejection(mtMapArena([0], task, { threads: 1 }));
    expect(error).toMatchObject({ code: 'ERR_ARENA_TASK_FAILED', index: 0 });
    expect(error.cause).toEqual(cause);
  });

  it('rejects with what the error holds, also of an exit scope', async () => {
    const tasks = [
      () => {
        throw Object.assign(new Error('with data'), { data: new Uint8Array(1000).fill(7) });
      },
      async () => {
        const data = new Uint8Array(1000).fill(7);
        await null;
        throw Object.assign(new Error('with data'), { data });
      },
    ];
    for (const task of tasks) {
      const error = await rejection(mtMapArena([0], task, { threads: 1, release: 'exit' }));
      expect(error.cause.data).toEqual(new Uint8Array(1000).fill(7));
    }
  });

  it('begins no further item', async () => {
    // Whether it has failed, and how many items have begun since.
    const state = new Int32Array(new SharedArrayBuffer(8));
    const error = await rejection(
      mtMapArena(
        numbers(1000).map((i) => ({ i, state })),
        ({ i, state }) => {
          if (i === 3) {
            Atomics.store(state, 0, 1);
            throw new Error('three');
          }
          if (Atomics.load(state, 0) === 1) Atomics.add(state, 1, 1);
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
        },
        { threads: 2, chunk: 500 },
      ),
    );
    expect(error.index).toBe(3);
    expect(state[1]).toBeLessThan(400);
  });

  it.each<[string, unknown[], () => unknown, number]>([
    ['an item', [1, 2, () => 3, 4], () => 0, 2],
    [
      'a result',
      [0, 1, 2, 3],
      function (this: unknown, ...[item]: unknown[]) {
        return item === 2 ? { nested: [() => 0] } : item;
      } as () => unknown,
      2,
    ],
  ])('is one that has %s that cannot be cloned', async (_name, items, task, index) => {
    const error = await rejection(mtMapArena(items, task, { threads: 1, chunk: 4 }));
    expect(error).toMatchObject({ code: 'ERR_ARENA_TASK_FAILED', index });
    expect(error.cause.name).toBe('DataCloneError');
  });

  it('is the one that cannot be cloned, too, when its chunk is sent while others run', async () => {
    const items: unknown[] = numbers(40);
    items[23] = () => 0;
    const options = { threads: 2, chunk: 2 };
    const error = await rejection(mtMapArena(items, (item) => item, options));
    expect(error).toMatchObject({ code: 'ERR_ARENA_TASK_FAILED', index: 23 });
    expect(error.cause.name).toBe('DataCloneError');
  });

  it('in the last of several chunks on the way to one worker is told with its own index', async () => {
    const task = (item: number) => {
      if (item === 11) throw new Error('eleven');
      return { item };
    };
    const error = await rejection(mtMapArena(numbers(12), task, { threads: 1, chunk: 4 }));
    expect(error).toMatchObject({ code: 'ERR_ARENA_TASK_FAILED', index: 11 });
  });
});

describe('a worker that dies', () => {
  it.each<[string, (item: number) => unknown, RegExp]>([
    [
      'by process.exit',
      (item) => (item === 2 ? process.exit(3) : item),
      /ended while it ran item 2: worker exited with code: 3/,
    ],
    [
      'of an uncaught error',
      (item) => {
        if (item !== 2) return item;
        setImmediate(() => {
          throw new Error('out of nowhere');
        });
        return new Promise(() => {});
      },
      /ended while it ran item 2: out of nowhere/,
    ],
  ])('%s rejects with the item that it was at', async (_name, task, message) => {
    const error = await rejection(mtMapArena(numbers(5), task, { threads: 1, chunk: 5 }));
    expect(error).toBeInstanceOf(ArenaError);
    expect(error).toMatchObject({ code: 'ERR_ARENA_WORKER_DIED', index: 2 });
    expect(error.message).toMatch(message);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('for want of memory rejects likewise, and a pool of one’s own replaces it', async () => {
    const pool = newPool({
      minThreads: 1,
      maxThreads: 1,
      resourceLimits: { maxOldGenerationSizeMb: 20 },
    });
    const error = await rejection(
      mtMapArena(
        [0, 1, 2],
        (item) => {
          const hoard: unknown[] = [];
          while (item === 1) hoard.push({ hoard: hoard.length });
          return item;
        },
        { pool },
      ),
    );
    expect(error).toMatchObject({ code: 'ERR_ARENA_WORKER_DIED', index: 1 });
    expect(error.cause.code).toBe('ERR_WORKER_OUT_OF_MEMORY');
    expect(await mtMapArena([1, 2, 3], (item) => item * 2, { pool })).toEqual([2, 4, 6]);
    expect(pool.threads).toHaveLength(1);
  });

  it('before it has loaded anything rejects too', async () => {
    const preload = join(mkdtempSync(join(tmpdir(), 'arena-pirate-preload-')), 'preload.cjs');
    const source = `if (require('node:worker_threads').threadId > 0) throw new Error('no entry');`;
    writeFileSync(preload, source);
    try {
      const answer = await inChild(
        async ({ mtMapArena }) =>
          mtMapArena([1], (x) => x).catch(({ code, cause }) => [code, cause.message]),
        { flags: ['--require', preload] },
      );
      expect(answer).toEqual(['ERR_ARENA_WORKER_DIED', 'no entry']);
    } finally {
      rmSync(dirname(preload), { recursive: true, force: true });
    }
  });
});

describe('what the caller’s own code throws', () => {
  it('in onProgress rejects the map', async () => {
    const reason = new Error('no progress');
    const onProgress = () => {
      throw reason;
    };
    expect(await rejection(mtMapArena(numbers(9), () => 0, { threads: 2, onProgress }))).toBe(
      reason,
    );
  });

  it('in the iterable rejects the map', async () => {
    const reason = new Error('no more');
    const items = (function* () {
      yield 1;
      throw reason;
    })();
    expect(await rejection(mtMapArena(items, () => 0))).toBe(reason);
  });
});

describe.skipIf(!countsThreads)(
  `the threads of a map${countsThreads ? '' : ' (skipped: no /proc/self/task to count them in)'}`,
  () => {
    it.each<[string, (item: number) => unknown]>([
      ['succeeded', (item) => item],
      [
        'failed',
        (item) => {
          if (item === 7) throw new Error('seven');
          return item;
        },
      ],
      ['lost a worker', (item) => (item === 7 ? process.exit(0) : item)],
      ['left timers running', () => void setInterval(() => {}, 1000)],
    ])('have ended when it has %s', async (_name, task) => {
      // Node makes threads of its own with the first worker.
      await mtMapArena([0], () => 0);
      const before = threadCount();
      await mtMapArena(numbers(20), task, { threads: 3 }).catch(() => {});
      // The kernel lists a thread that has been joined for a moment yet.
      await vi.waitFor(() => expect(threadCount()).toBeLessThanOrEqual(before), 10_000);
    });
  },
);

describe('a program', () => {
  it('ends by itself after a map, however that ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arena-pirate-end-'));
    try {
      const codes = await inChild(
        async ({ mtMapArena }) => {
          const code = ({ code }: { code: string }) => code;
          const fine = await mtMapArena([1, 2], (x) => x);
          return [
            fine,
            await mtMapArena([1, 2], () => Promise.reject(1)).catch(code),
            await mtMapArena([1, 2], () => process.exit()).catch(code),
          ];
        },
        { cwd: folder, package: new URL('../..', import.meta.url).pathname },
      );
      expect(codes).toEqual([[1, 2], 'ERR_ARENA_TASK_FAILED', 'ERR_ARENA_WORKER_DIED']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
