import { execFileSync } from 'node:child_process';
import { randomFill, scrypt, webcrypto } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { arena, clearArenaPool, isArenaArray, stats } from 'arena-pirate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inChild, STRESS_COMPACTION } from './support/child.js';
import { keepers, letGo } from './support/keepers.js';
import { collectGarbage } from './support/memory.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { expectNoScope } from './support/scopes.js';
import { scramble } from './support/scramble.js';

const MIB = 2 ** 20;

const SIZES = [200, 50_000, 3 * MIB];

// Modules of Node that are loaded on first use make Buffers to keep.
void [Response, Blob, MessageChannel];

describe('an array of a collected scope keeps its bytes', () => {
  const looks = new Map<string, () => boolean | Promise<boolean>>();

  beforeAll(async () => {
    let seed = 0;
    // Made in a function of its own, so that no variable of a living frame holds them.
    const keepAll = () => {
      for (const [name, keep] of Object.entries(keepers)) {
        for (const size of SIZES) {
          seed++;
          const look = arena(() => {
            const array = fillPattern(new Uint8Array(size), seed);
            if (!isArenaArray(array)) throw new Error('not captured');
            return keep(array, seed);
          });
          looks.set(`${name}, ${size} bytes`, look);
        }
      }
    };
    keepAll();
    scramble(arena, 300);
    await collectGarbage();
    clearArenaPool();
    scramble(arena, 200);
    await collectGarbage();
  });

  afterAll(async () => {
    looks.clear();
    letGo();
    await collectGarbage();
    clearArenaPool();
  });

  it.each(Object.keys(keepers).flatMap((name) => SIZES.map((size) => [name, size] as const)))(
    'when only %s keeps it, %d bytes',
    async (name, size) => {
      expect(await looks.get(`${name}, ${size} bytes`)?.()).toBe(true);
    },
  );
});

describe('memory that a pending request uses is not handed out again', () => {
  let folder: string;
  beforeAll(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'arena-pirate-lifetime-'));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** Arrays of other scopes, which a request must not write to. */
  const bystanders = () => {
    const arrays = Array.from({ length: 200 }, (_, i) =>
      arena.sync(() => fillPattern(new Uint8Array(20_000), i)),
    );
    return () => arrays.every((array, i) => holdsPattern(array, i));
  };

  /** Starts a request in a scope, ends the scope, and scrambles before the request can finish. */
  const disturbed = async <T>(start: () => Promise<T>): Promise<T> => {
    const { result } = arena.sync(() => ({ result: start() }));
    scramble(arena, 100);
    const intact = bystanders();
    scramble(arena, 20);
    const settled = await result;
    expect(intact()).toBe(true);
    return settled;
  };

  it.each([20_000, 3 * MIB])('fs.read into %d bytes that nothing else holds', async (size) => {
    const path = join(folder, `fifo-${size}`);
    execFileSync('mkfifo', [path]);
    const fd = fs.openSync(path, 'r+');
    const text = fillPattern(Buffer.alloc(10_000), 5);
    const read = disturbed(async () => {
      const { buffer } = await new Promise<{ buffer: Uint8Array }>((resolve, reject) =>
        fs.read(fd, Buffer.alloc(size), 100, 10_000, null, (error, bytesRead, buffer) =>
          error ? reject(error) : resolve({ buffer: buffer.subarray(0, 100 + bytesRead) }),
        ),
      );
      return buffer;
    });
    // Only now is there anything to read.
    fs.writeSync(fd, text);
    const buffer = await read;
    fs.closeSync(fd);
    expect(isArenaArray(buffer)).toBe(true);
    expect(buffer.subarray(0, 100).every((byte) => byte === 0)).toBe(true);
    expect(holdsPattern(buffer.subarray(100), 5)).toBe(true);
  });

  it('fs.promises read and readv into Buffers that nothing else holds', async () => {
    const path = join(folder, 'fifo-promises');
    execFileSync('mkfifo', [path]);
    const file = await fs.promises.open(path, 'r+');
    const one = disturbed(() => file.read(Buffer.alloc(5000), 0, 5000));
    fs.writeSync(file.fd, fillPattern(Buffer.alloc(5000), 6));
    expect(holdsPattern((await one).buffer, 6)).toBe(true);
    const some = disturbed(() => file.readv([Buffer.alloc(2000), Buffer.alloc(3000)]));
    fs.writeSync(file.fd, fillPattern(Buffer.alloc(5000), 7));
    expect(holdsPattern(Buffer.concat((await some).buffers as Buffer[]), 7)).toBe(true);
    await file.close();
  });

  it('fs.write and fs.promises.writeFile of arrays that nothing else holds', async () => {
    const paths = ['a', 'b'].map((name) => join(folder, name)) as [string, string];
    const fd = fs.openSync(paths[0], 'w');
    await disturbed(() =>
      Promise.all([
        promisify(fs.write)(fd, fillPattern(new Uint8Array(3 * MIB), 1) as Buffer),
        fs.promises.writeFile(paths[1], fillPattern(new Uint8Array(50_000), 2)),
      ]),
    );
    fs.closeSync(fd);
    expect(holdsPattern(fs.readFileSync(paths[0]), 1)).toBe(true);
    expect(holdsPattern(fs.readFileSync(paths[1]), 2)).toBe(true);
  });

  it('zlib jobs', async () => {
    const make = () => fillPattern(Buffer.alloc(2 * MIB), 3);
    const packed = await disturbed(() =>
      Promise.all([
        promisify(zlib.gzip)(make()),
        promisify(zlib.brotliCompress)(make().subarray(0, 50_000)),
      ]),
    );
    expect(zlib.gunzipSync(packed[0]).equals(make())).toBe(true);
    expect(zlib.brotliDecompressSync(packed[1]).equals(make().subarray(0, 50_000))).toBe(true);
    const unpacked = await disturbed(() => promisify(zlib.gunzip)(Buffer.from(packed[0])));
    expect(unpacked.equals(make())).toBe(true);
    const streamed = await disturbed(async () => {
      const stream = zlib.createGzip();
      for (let i = 0; i < 4; i++) stream.write(make());
      stream.end();
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      return Buffer.concat(chunks);
    });
    expect(zlib.gunzipSync(streamed).equals(Buffer.concat([make(), make(), make(), make()]))).toBe(
      true,
    );
  });

  it('crypto jobs', async () => {
    const { subtle } = webcrypto;
    const make = (bytes: number) => fillPattern(Buffer.alloc(bytes), 4);
    const jobs = async () => {
      const aes = await subtle.importKey('raw', make(32), 'AES-CTR', false, ['encrypt']);
      const hash = { name: 'HMAC', hash: 'SHA-256' };
      const hmac = await subtle.importKey('raw', make(3000), hash, false, ['sign']);
      return Promise.all([
        subtle.digest('SHA-256', make(3 * MIB)),
        subtle.sign('HMAC', hmac, make(3 * MIB)),
        subtle.encrypt({ name: 'AES-CTR', counter: make(16), length: 64 }, aes, make(3 * MIB)),
        promisify(scrypt)(make(1000), make(500), 32) as Promise<Buffer>,
      ]);
    };
    const [expected, results] = [await jobs(), await disturbed(jobs)];
    expect(results.map((result) => Buffer.from(result as ArrayBuffer).toString('base64'))).toEqual(
      expected.map((result) => Buffer.from(result as ArrayBuffer).toString('base64')),
    );
    const random = await disturbed(
      () => promisify(randomFill)(Buffer.alloc(MIB)) as Promise<Buffer>,
    );
    expect(random.subarray(-1000).some((byte) => byte !== 0)).toBe(true);
  });

  it('WebAssembly being compiled', async () => {
    const { WebAssembly: wasm } = globalThis as unknown as {
      WebAssembly: {
        instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
      };
    };
    // A module of 2 MiB: a custom section of anything, behind a function that returns 42.
    const make = () =>
      Buffer.concat([
        Buffer.from(
          '0061736d010000000105016000017f030201000707010361736b00000a06010400412a0b',
          'hex',
        ),
        Buffer.from([0, 0x80, 0x80, 0x80, 0x01, 1, 120]),
        Buffer.alloc(2 * MIB - 2, 1),
      ]);
    const { instance } = await disturbed(() => wasm.instantiate(make(), {}));
    expect((instance.exports as { ask(): number }).ask()).toBe(42);
  });

  it('datagrams on their way', async () => {
    const receiver = createSocket('udp4').bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    const received = once(receiver, 'message') as Promise<[Buffer]>;
    const sender = createSocket('udp4');
    const { port } = receiver.address();
    await disturbed(
      () =>
        new Promise<void>((resolve) => {
          const parts = [fillPattern(Buffer.alloc(1000), 8), fillPattern(Buffer.alloc(900), 1008)];
          sender.send(parts, port, '127.0.0.1', () => resolve());
        }),
    );
    const [message] = await received;
    sender.close();
    receiver.close();
    expect(message.length === 1900 && holdsPattern(message, 8)).toBe(true);
  });

  it('a socket write whose peer reads late', async () => {
    const received: Buffer[] = [];
    const server = createServer((socket) => {
      setTimeout(() => socket.on('data', (chunk) => received.push(chunk)), 30);
    }).listen(0);
    await once(server, 'listening');
    const socket = connect((server.address() as { port: number }).port);
    await once(socket, 'connect');
    await disturbed(
      () =>
        new Promise<void>((resolve) => {
          for (let i = 0; i < 8; i++) socket.write(fillPattern(Buffer.alloc(MIB), i * 100));
          socket.end(resolve);
        }),
    );
    if (!socket.closed) await once(socket, 'close');
    server.close();
    const all = Buffer.concat(received);
    expect(all.length).toBe(8 * MIB);
    for (let i = 0; i < 8; i++) {
      expect(holdsPattern(all.subarray(i * MIB, (i + 1) * MIB), i * 100), `part ${i}`).toBe(true);
    }
  });
});

describe('memory of arrays that are gone', () => {
  it('is used again within a long synchronous loop', async () => {
    const { grown, mapped, captured } = await inChild(({ arena, residentMiB, stats }) => {
      const run = (megabytes: number) => {
        for (let i = 0; i < megabytes; i++) {
          arena.sync(() => {
            for (let j = 0; j < 16; j++) new Uint8Array(65_536).fill(j);
          });
        }
      };
      run(64);
      const before = residentMiB();
      run(6000);
      const { bytes, captured } = stats().thread;
      return { grown: residentMiB() - before, mapped: bytes.mapped, captured };
    });
    expect(captured).toBe(6064 * 16);
    expect(mapped).toBeLessThanOrEqual(256 * MIB);
    expect(grown).toBeLessThan(100);
  });

  it.each(['large arrays', 'slices of Buffers', 'exact buffers', 'DataViews', 'ArrayBuffers'])(
    'is used again within a synchronous loop of %s',
    async (name) => {
      const { grown, mapped } = await inChild(
        ({ arena, residentMiB, stats }, name: string) => {
          const makers: Record<string, (size: number) => unknown> = {
            'large arrays': (size) => new Float64Array(size * 1000),
            'slices of Buffers': (size) => Buffer.alloc(size).subarray(5, 50),
            'exact buffers': (size) => new Uint8Array(size).buffer,
            DataViews: (size) => new DataView(new Uint8Array(size).buffer),
            ArrayBuffers: (size) => new ArrayBuffer(size * 2000),
          };
          const make = makers[name] as (size: number) => unknown;
          const run = (count: number) => {
            for (let i = 0; i < count; i++) arena.sync(() => void make(1000 + (i % 500)));
          };
          run(400);
          const before = residentMiB();
          run(4000);
          return { grown: residentMiB() - before, mapped: stats().thread.bytes.mapped };
        },
        {},
        name,
      );
      expect(mapped).toBeLessThanOrEqual(384 * MIB);
      expect(grown).toBeLessThan(200);
    },
  );

  it('is used again within an asynchronous loop', async () => {
    const { grown, mapped } = await inChild(async ({ arena, residentMiB, stats }) => {
      const run = async (count: number) => {
        for (let i = 0; i < count; i++) {
          await arena(async () => {
            new Uint8Array(300_000).fill(i);
            await null;
            new Uint8Array(30_000).fill(i);
            if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
          });
        }
      };
      await run(300);
      const before = residentMiB();
      await run(6000);
      return { grown: residentMiB() - before, mapped: stats().thread.bytes.mapped };
    });
    expect(mapped).toBeLessThanOrEqual(256 * MIB);
    expect(grown).toBeLessThan(100);
  });

  it('is used again while some of the arrays live on, which stay intact', async () => {
    const { wrong, mapped } = await inChild(({ arena, fillPattern, holdsPattern, stats }) => {
      const kept: Uint8Array[] = Array(500);
      let wrong = 0;
      for (let i = 0; i < 200_000; i++) {
        const array = arena.sync(() => new Uint8Array(3000));
        if (i % 97 !== 0) continue;
        const slot = (i / 97) % kept.length;
        const old = kept[slot];
        if (old !== undefined && !holdsPattern(old, i / 97 - kept.length)) wrong++;
        kept[slot] = fillPattern(array, i / 97);
      }
      return { wrong, mapped: stats().thread.bytes.mapped };
    });
    expect(wrong).toBe(0);
    // 500 arrays, 97 arrays of 3008 bytes apart, pin about 140 MiB; more waits to be collected.
    expect(mapped).toBeLessThanOrEqual(512 * MIB);
  });

  // A sanitizer keeps freed memory for a while.
  const sanitized = process.env.ASAN_OPTIONS !== undefined;
  it.skipIf(sanitized)(
    'costs a million arrays of 1 KB at most 64 MiB of resident memory',
    async () => {
      const grown = await inChild(({ arena, residentMiB }) => {
        const before = residentMiB();
        for (let i = 0; i < 1_000_000; i++) arena.sync(() => new Float64Array(128).fill(i));
        return residentMiB() - before;
      });
      expect(grown).toBeLessThanOrEqual(64);
    },
  );

  it('is all given back when everything is dropped', async () => {
    const make = async () => {
      const kept: unknown[] = [];
      for (const release of ['collected', 'exit'] as const) {
        for (const size of SIZES) {
          kept.push(arena.sync(() => new Uint8Array(size), { release }));
          kept.push(arena(() => Buffer.alloc(size).subarray(1), { release }).buffer);
          kept.push(
            await arena(async () => new DataView(new Uint8Array(size).buffer), { release }),
          );
          const fail = () => {
            throw Object.assign(new Error('x'), { array: new Uint8Array(size) });
          };
          try {
            arena.sync(fail, { release });
          } catch (error) {
            kept.push(error);
          }
        }
      }
      return kept.length;
    };
    expect(await make()).toBe(24);
    await collectGarbage();
    clearArenaPool();
    expect(stats().thread).toMatchObject({
      arenas: 0,
      slabs: { free: 0, inUse: 0, waiting: 0 },
      bytes: { mapped: 0, handedOut: 0 },
    });
    expectNoScope();
  });
});

describe('an array that outlives its exit scope', () => {
  it('can be read and written without a fault, whatever it shows', async () => {
    const status = await inChild(
      async ({ arena, clearArenaPool, collectGarbage, scramble }) => {
        const kept: Uint8Array[] = [];
        const options = { release: 'exit', copyResult: false } as const;
        for (const size of [200, 50_000, 3_000_000]) {
          kept.push(arena.sync(() => new Uint8Array(size), options));
          kept.push(arena.sync(() => new Uint8Array(new Uint8Array(size).buffer), options));
        }
        for (let round = 0; round < 3; round++) {
          scramble(arena, 100);
          await collectGarbage();
          clearArenaPool();
          for (const array of kept) {
            array.fill(round);
            if (array[array.length - 1] !== round) return 'not written';
            void [array.buffer.byteLength, array.byteOffset, array.slice(0, 300).length];
          }
        }
        return 'alive';
      },
      { flags: ['--expose-gc'] },
    );
    expect(status).toBe('alive');
  });
});

describe('with node', () => {
  /** A little of everything; returns what went wrong. */
  const workload = async (
    {
      arena,
      clearArenaPool,
      collectGarbage,
      fillPattern,
      holdsPattern,
      isArenaArray,
      stats,
    }: import('./support/child.js').Kit,
    rounds: number,
  ) => {
    const wrong: string[] = [];
    const kept: { array: Uint8Array; seed: number }[] = [];
    const check = (where: string) => {
      for (const { array, seed } of kept) if (!holdsPattern(array, seed)) wrong.push(where);
    };
    const step = async (seed: number) => {
      const size = 100 + ((seed * 7919) % 9000) + (seed % 29 === 0 ? 2_500_000 : 0);
      const array = arena.sync(() => {
        for (let i = 0; i < 20; i++) fillPattern(new Uint8Array(500 + i), i);
        const list = new Float64Array(Array.from({ length: 50 }, (_, i) => i));
        if (list.map((x) => x + 1)[49] !== 50) wrong.push('map');
        return fillPattern(new Uint8Array(size), seed);
      });
      if (!isArenaArray(array)) wrong.push('not captured');
      kept.push({ array: seed % 3 === 0 ? new Uint8Array(array.buffer) : array, seed });
      if (kept.length > 20) kept.splice(seed % 20, 1);
      const copy = await arena(
        async () => {
          const own = fillPattern(new Uint8Array(size), seed + 1);
          await null;
          arena.sync(() => fillPattern(new Uint8Array(size), 0), { release: 'exit' });
          if (seed % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
          return holdsPattern(own, seed + 1) && own;
        },
        { release: 'exit' },
      );
      if (copy === false || !holdsPattern(copy, seed + 1)) wrong.push('exit');
    };
    for (let round = 0; round < rounds; round++) {
      await Promise.all([1, 2, 3, 4].map((n) => step(round * 4 + n)));
      check(`round ${round}`);
      if (round % 20 === 19) clearArenaPool();
    }
    kept.length = 0;
    await collectGarbage();
    clearArenaPool();
    return { wrong, captured: stats().thread.captured, rounds };
  };

  it.each([
    [['--max-semi-space-size=1'], 60],
    [['--single-threaded'], 60],
    [['--jitless'], 15],
    [STRESS_COMPACTION, 20],
    [['--gc-interval=500'], 15],
    [['--always-sparkplug', '--no-lazy-feedback-allocation'], 60],
    [['--max-lazy'], 40],
    [['--no-opt'], 30],
    [['--expose-gc', '--gc-global'], 20],
    [['--max-old-space-size=64'], 60],
    [['--no-node-snapshot'], 30],
  ])('%j every array keeps its bytes', async (flags, rounds) => {
    const { wrong, captured } = await inChild(workload, { flags }, rounds);
    expect(wrong).toEqual([]);
    expect(captured).toBeGreaterThan(rounds * 4 * 24);
  });

  it('a heap snapshot can be taken inside a scope, and disturbs nothing', async () => {
    const results = await inChild(async ({ arena, fillPattern, holdsPattern }) => {
      const { rmSync, statSync } = require('node:fs') as typeof import('node:fs');
      const { tmpdir } = require('node:os') as typeof import('node:os');
      const v8 = require('node:v8') as typeof import('node:v8');
      const snapshot = (name: string) => {
        const path = v8.writeHeapSnapshot(`${tmpdir()}/arena-pirate-${process.pid}-${name}`);
        const { size } = statSync(path);
        rmSync(path);
        return size > 100_000;
      };
      const look = (release: 'collected' | 'exit') =>
        arena(
          async () => {
            const arrays = [300, 70_000, 3_000_000].map((size) =>
              fillPattern(new Uint8Array(size), size),
            );
            void arrays[0]?.buffer;
            const taken = arena.sync(() => snapshot(`${release}-sync`), { release });
            await null;
            fillPattern(new Uint8Array(5000), 1);
            const takenLater = snapshot(`${release}-async`);
            return [taken, takenLater, ...arrays.map((array) => holdsPattern(array, array.length))];
          },
          { release },
        );
      return [...(await look('collected')), ...(await look('exit'))];
    });
    expect(results).toEqual(Array(10).fill(true));
  });
});
