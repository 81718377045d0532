import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inChild, type Kit, tryInChild } from './support/child.js';
import { packageRoot } from './support/run.js';

const MIB = 2 ** 20;

/** Uses scopes of both modes in every way that a worker may be in when it is ended. */
const busyWorker = async ({ arena, fillPattern, holdsPattern }: Kit, port: number) => {
  const crypto = require('node:crypto') as typeof import('node:crypto');
  const fs = require('node:fs') as typeof import('node:fs');
  const net = require('node:net') as typeof import('node:net');
  const { parentPort } = require('node:worker_threads') as typeof import('node:worker_threads');
  const zlib = require('node:zlib') as typeof import('node:zlib');
  const file = fs.openSync(process.execPath, 'r');
  const kept: { array: Uint8Array; seed: number }[] = [];
  const ignore = () => {};
  // Made before anybody may end the worker, and not one per round: Node, 20 to 26 and without this
  // package, aborts when a worker is ended while zlib makes a handle ("close before init").
  const deflate = zlib.createDeflate().resume();
  parentPort?.postMessage('started');
  for (let round = 0; ; round++) {
    const release = round % 2 === 0 ? 'exit' : 'collected';
    await arena(
      async () => {
        const own = fillPattern(new Uint8Array(round % 7 === 0 ? 3_000_000 : 5000), round);
        // Pending while the worker is ended, and after their scope has.
        arena.sync(() => {
          fs.read(file, Buffer.alloc(200_000), 0, 200_000, round, ignore);
          if (!deflate.writableNeedDrain) deflate.write(Buffer.alloc(100_000));
          crypto.randomFill(Buffer.alloc(50_000), ignore);
          crypto.pbkdf2(Buffer.alloc(100), Buffer.alloc(100), 10, 32, 'sha256', ignore);
          net.connect(port).on('error', ignore).end(Buffer.alloc(70_000));
        });
        void own.buffer;
        await new Promise((resolve) => setImmediate(resolve));
        for (let i = 0; i < 100; i++) arena.sync(() => new Float64Array(500).fill(i), { release });
        if (!holdsPattern(own, round)) parentPort?.postMessage('overwritten');
      },
      { release },
    );
    kept.push({ array: arena.sync(() => fillPattern(new Uint8Array(3000), round)), seed: round });
    if (kept.length > 100) kept.shift();
    if (!kept.every(({ array, seed }) => holdsPattern(array, seed))) {
      parentPort?.postMessage('overwritten');
    }
  }
};

describe('in a worker', () => {
  it.each(['collected', 'exit'] as const)(
    'scopes serve as in the main thread (%s)',
    async (release) => {
      const seen = await inChild(
        async ({ startWorker, stats }, release) => {
          const worker = startWorker(
            async (
              { arena, currentArena, fillPattern, holdsPattern, isArenaArray, stats },
              release,
            ) => {
              const { parentPort } =
                require('node:worker_threads') as typeof import('node:worker_threads');
              const result = await arena(
                async () => {
                  const array = fillPattern(new Uint8Array(3000), 1);
                  await new Promise((resolve) => setImmediate(resolve));
                  const large = new Float64Array(500_000).fill(2);
                  const holds = holdsPattern(array, 1) && large.every((x) => x === 2);
                  return { captured: isArenaArray(array), holds, release: currentArena()?.release };
                },
                { release },
              );
              const after = isArenaArray(new Uint8Array(3000));
              parentPort?.postMessage({ ...result, after, count: stats().thread.captured });
            },
            {},
            release,
          );
          const message = await new Promise<object>((resolve) => worker.once('message', resolve));
          return { ...message, main: stats().thread.captured };
        },
        {},
        release,
      );
      expect(seen).toEqual({
        captured: true,
        holds: true,
        release,
        after: false,
        count: 2,
        main: 0,
      });
    },
  );

  it('options are of the thread, variables of the environment for all', async () => {
    const seen = await inChild(
      async ({ configure, startWorker }) => {
        configure({ minBytes: 300 });
        const ask = (env?: NodeJS.ProcessEnv) => {
          const worker = startWorker(
            ({ configure }) => {
              const before = configure();
              configure({ minBytes: 999 });
              const { parentPort } =
                require('node:worker_threads') as typeof import('node:worker_threads');
              parentPort?.postMessage([before.minBytes, before.maxBytes]);
            },
            env === undefined ? {} : { env },
          );
          return new Promise((resolve) => worker.once('message', resolve));
        };
        const inherited = await ask();
        const own = await ask({ ARENA_PIRATE_MAX_BYTES: '32MiB' });
        return { inherited, own, main: configure().minBytes };
      },
      { env: { ARENA_PIRATE_MAX_BYTES: '64MiB', ARENA_PIRATE_MIN_BYTES: '200' } },
    );
    expect(seen).toEqual({ inherited: [200, 64 * MIB], own: [65, 32 * MIB], main: 300 });
  });

  it.each([
    ['--require of the process', ['--require', 'arena-pirate/register'], []],
    ['--import of the process', ['--import', 'arena-pirate/register'], []],
    ['--require of the worker', [], ['--require', 'arena-pirate/register']],
  ])('constructors are replaced before its first line with %s', async (_name, flags, own) => {
    const folder = mkdtempSync(join(tmpdir(), 'arena-pirate-workers-'));
    const file = join(folder, 'worker.cjs');
    writeFileSync(
      file,
      `const First = Float64Array;
       const { arena, isArenaArray } = require(${JSON.stringify(packageRoot)});
       require('node:worker_threads').parentPort.postMessage(
         isArenaArray(arena.sync(() => new First(1000))));`,
    );
    const captured = await inChild(
      async (_kit, file: string, execArgv: string[]) => {
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        const worker = new Worker(file, execArgv.length > 0 ? { execArgv } : {});
        return new Promise((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', reject);
        });
      },
      { flags },
      file,
      own,
    );
    rmSync(folder, { recursive: true });
    expect(captured).toBe(true);
  });

  it('a scope of the parent that starts it does not reach into it', async () => {
    const captured = await inChild(({ arena, startWorker }) =>
      arena(
        () =>
          new Promise((resolve) => {
            const worker = startWorker(({ currentArena, isArenaArray }) => {
              const { parentPort } =
                require('node:worker_threads') as typeof import('node:worker_threads');
              parentPort?.postMessage([currentArena(), isArenaArray(new Uint8Array(1000))]);
            });
            worker.once('message', resolve);
          }),
      ),
    );
    expect(captured).toEqual([null, false]);
  });
});

describe('messages between threads', () => {
  it('carry arena arrays out of a worker, exactly, and outlive it', async () => {
    const seen = await inChild(async ({ fillPattern, holdsPattern, isArenaArray, startWorker }) => {
      const worker = startWorker(({ arena, fillPattern }) => {
        const { parentPort } =
          require('node:worker_threads') as typeof import('node:worker_threads');
        arena.sync(() => {
          const array = fillPattern(new Uint8Array(1000), 1);
          const part = array.subarray(100, 200);
          const large = fillPattern(new Uint8Array(3_000_000), 2);
          fillPattern(new Uint8Array(1000), 99);
          parentPort?.postMessage({ array, part, large, map: new Map([['part', part]]) });
        });
      });
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      const message = await new Promise<{
        array: Uint8Array;
        part: Uint8Array;
        large: Uint8Array;
        map: Map<string, Uint8Array>;
      }>((resolve) => worker.once('message', resolve));
      await exited;
      const { array, part, large, map } = message;
      return {
        holds: [holdsPattern(array, 1), holdsPattern(part, 101), holdsPattern(large, 2)],
        shared: part.buffer === array.buffer && map.get('part') === part,
        bytes: [array.buffer.byteLength, large.buffer.byteLength],
        arena: isArenaArray(array),
        writable: holdsPattern(fillPattern(array, 5), 5),
      };
    });
    expect(seen).toEqual({
      holds: [true, true, true],
      shared: true,
      bytes: [1000, 3_000_000],
      arena: false,
      writable: true,
    });
  });

  it('carry copies that exit scopes return', async () => {
    const holds = await inChild(async ({ holdsPattern, startWorker }) => {
      const worker = startWorker(({ arena, fillPattern }) => {
        const { parentPort } =
          require('node:worker_threads') as typeof import('node:worker_threads');
        const array = arena.sync(() => fillPattern(new Uint8Array(1000), 1), { release: 'exit' });
        parentPort?.postMessage(array, [array.buffer]);
      });
      const array = await new Promise<Uint8Array>((resolve) => worker.once('message', resolve));
      return holdsPattern(array, 1);
    });
    expect(holds).toBe(true);
  });

  it('leave shared memory shared', async () => {
    const value = await inChild(async ({ arena, startWorker }) => {
      const shared = arena.sync(() => new Int32Array(new SharedArrayBuffer(4000)));
      const worker = startWorker(({ arena }) => {
        const { parentPort } =
          require('node:worker_threads') as typeof import('node:worker_threads');
        parentPort?.once('message', (array: Int32Array) => {
          arena.sync(() => Atomics.add(array.subarray(5), 0, 7));
          parentPort?.postMessage('done');
        });
      });
      worker.postMessage(shared);
      await new Promise((resolve) => worker.once('message', resolve));
      return shared[5];
    });
    expect(value).toBe(7);
  });
});

describe('stats of the process', () => {
  it('add up what threads hold, and keep what ended threads have counted', async () => {
    const seen = await inChild(async ({ arena, startWorker, stats }) => {
      const summary = () => {
        const { thread, process } = stats();
        return {
          thread: [thread.arenas, thread.bytes.mapped / 2 ** 20, thread.captured],
          process: [process.arenas, process.bytes.mapped / 2 ** 20, process.captured],
        };
      };
      arena.sync(() => [new Uint8Array(1000), new Uint8Array(1000)]);
      const alone = summary();
      const workers = [1, 2, 3].map((count) =>
        startWorker(
          ({ arena }, count) => {
            const { parentPort } =
              require('node:worker_threads') as typeof import('node:worker_threads');
            arena.sync(() => Array.from({ length: count * 10 }, () => new Uint8Array(1000)));
            parentPort?.on('message', () => process.exit());
            parentPort?.postMessage('ready');
          },
          {},
          count,
        ),
      );
      const all = (event: string) =>
        Promise.all(workers.map((worker) => new Promise((resolve) => worker.once(event, resolve))));
      await all('message');
      const together = summary();
      const exits = all('exit');
      for (const worker of workers) worker.postMessage('end');
      await exits;
      return { alone, together, after: summary() };
    });
    expect(seen).toEqual({
      alone: { thread: [1, 128, 2], process: [1, 128, 2] },
      together: { thread: [1, 128, 2], process: [4, 512, 62] },
      after: { thread: [1, 128, 2], process: [1, 128, 62] },
    });
  });
});

describe('a worker that ends', () => {
  type Mapped = { counted: number; found: number };

  /** The arenas of the process, as the package counts them and as the kernel lists them. */
  const mapped = ({ arenaMappedBytes, stats }: Kit): Mapped => ({
    counted: stats().process.arenas,
    found: arenaMappedBytes(),
  });

  it.each(['collected', 'exit'] as const)(
    'inside a synchronous scope leaves no mapping behind (%s)',
    async (release) => {
      const result = await inChild(
        async (kit, release, mappedSource: string) => {
          const mapped = new Function(`return ${mappedSource}`)() as (kit: Kit) => Mapped;
          const before = mapped(kit);
          for (let i = 0; i < 5; i++) {
            const worker = kit.startWorker(
              ({ arena }, release) => {
                const { parentPort } =
                  require('node:worker_threads') as typeof import('node:worker_threads');
                arena.sync(
                  () => {
                    const arrays: Uint8Array[] = [];
                    parentPort?.postMessage('inside');
                    for (let i = 0; ; i++) {
                      arrays[i % 50] = new Uint8Array(100 + ((i * 977) % 40_000)).fill(i);
                      if (i % 500 === 0) new Float64Array(300_000).fill(i);
                    }
                  },
                  { release },
                );
              },
              {},
              release,
            );
            await new Promise((resolve) => worker.once('message', resolve));
            await new Promise((resolve) => setTimeout(resolve, 10 * i));
            await worker.terminate();
          }
          return { before, after: mapped(kit) };
        },
        {},
        release,
        String(mapped),
      );
      expect(result.after).toEqual(result.before);
      expect(result.before.counted).toBe(0);
    },
  );

  it.each([
    [
      'process.exit inside a scope',
      'arena.sync(() => { new Uint8Array(5000); process.exit(3); })',
      3,
    ],
    [
      'an error thrown in a scope',
      'arena.sync(() => { new Uint8Array(5000); throw new Error("x"); })',
      1,
    ],
    [
      'a rejection in a scope',
      'arena(async () => { new Uint8Array(5000); throw new Error("x"); })',
      1,
    ],
    ['its end, arrays in globals', 'globalThis.kept = arena.sync(() => new Uint8Array(5000))', 0],
    [
      'its end, requests pending',
      `arena.sync(() => {
         require('node:zlib').gzip(Buffer.alloc(3_000_000), process.exit);
         require('node:fs').read(0, Buffer.alloc(3_000_000), () => {});
         process.exit(5);
       })`,
      5,
    ],
  ])('by %s leaves no mapping behind', async (_name, code, status) => {
    const result = await inChild(
      async ({ arenaMappedBytes, stats }, code: string) => {
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        const source = `const { arena } = require('arena-pirate'); ${code}`;
        const before = arenaMappedBytes();
        const worker = new Worker(source, { eval: true });
        worker.on('error', () => {});
        const status = await new Promise((resolve) => worker.once('exit', resolve));
        return { status, counted: stats().process.arenas, left: arenaMappedBytes() - before };
      },
      {},
      code,
    );
    expect(result).toEqual({ status, counted: 0, left: 0 });
  });

  it('for want of heap leaves the others alone', async () => {
    const result = await inChild(
      async ({ arena, fillPattern, holdsPattern, startWorker, stats }) => {
        const own = arena.sync(() => fillPattern(new Uint8Array(100_000), 1));
        const worker = startWorker(
          ({ arena }) => {
            const kept: unknown[] = [];
            for (;;) kept.push(arena.sync(() => [new Uint8Array(200), Array(1000).fill(0)]));
          },
          { resourceLimits: { maxOldGenerationSizeMb: 24 } },
        );
        const exited = new Promise((resolve) => worker.once('exit', resolve));
        const error = await new Promise<{ code: string }>((resolve) =>
          worker.once('error', resolve),
        );
        await exited;
        return { code: error.code, holds: holdsPattern(own, 1), arenas: stats().process.arenas };
      },
    );
    expect(result).toEqual({ code: 'ERR_WORKER_OUT_OF_MEMORY', holds: true, arenas: 1 });
  });
});

// `npm run test:storms` raises it.
const STORM_WORKERS = Number(process.env.STORM_WORKERS ?? 60);

const STORM_TIMEOUT = 20_000 + 1000 * STORM_WORKERS;

describe('a storm of workers', { timeout: STORM_TIMEOUT }, () => {
  it('ended at random moments, I/O in flight, crashes nothing and leaves no mapping', async () => {
    const { status, signal, stderr, answer } = await tryInChild(
      async (kit, busySource: string, count: number) => {
        const { arena, arenaMappedBytes, fillPattern, holdsPattern, startWorker, stats } = kit;
        const net = require('node:net') as typeof import('node:net');
        const busy = new Function('require', `return ${busySource}`)(require);
        const server = net.createServer((socket) => socket.on('error', () => {}).resume());
        await new Promise<void>((resolve) => server.listen(0, resolve));
        const { port } = server.address() as { port: number };
        const own = arena.sync(() => fillPattern(new Uint8Array(50_000), 1));
        const before = { counted: stats().process.arenas, found: arenaMappedBytes() };
        const messages: string[] = [];
        let most = 0;
        let left = count;
        const endOne = async (delay: number) => {
          const worker = startWorker(busy, {}, port);
          worker.on('message', (message) => messages.push(message));
          worker.on('error', (error) => messages.push(String(error)));
          await new Promise((resolve) => worker.once('message', resolve));
          await new Promise((resolve) => setTimeout(resolve, delay));
          most = Math.max(most, stats().process.arenas);
          await worker.terminate();
        };
        await Promise.all(
          Array.from({ length: 6 }, async () => {
            while (left-- > 0) await endOne(Math.random() * 60);
          }),
        );
        server.close();
        return {
          before,
          after: { counted: stats().process.arenas, found: arenaMappedBytes() },
          most,
          started: messages.filter((message) => message === 'started').length,
          others: messages.filter((message) => message !== 'started'),
          holds: holdsPattern(own, 1),
        };
      },
      { timeout: STORM_TIMEOUT },
      String(busyWorker),
      STORM_WORKERS,
    );
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
    const { before, after, most, ...rest } = JSON.parse(answer);
    expect(after).toEqual(before);
    expect(most).toBeGreaterThan(2);
    expect(rest).toEqual({
      started: STORM_WORKERS,
      others: [],
      holds: true,
    });
  });

  it('and the process may end in the midst of it', async () => {
    const { status, signal, stderr } = await tryInChild(
      async ({ startWorker }, busySource: string) => {
        const busy = new Function('require', `return ${busySource}`)(require);
        const workers = Array.from({ length: 6 }, () => startWorker(busy, {}, 1));
        await Promise.all(
          workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))),
        );
        await new Promise((resolve) => setTimeout(resolve, 50));
        process.exit(7);
      },
      {},
      String(busyWorker),
    );
    expect({ status, signal, stderr }).toEqual({ status: 7, signal: null, stderr: '' });
  });
});
