import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { EventEmitter, EventEmitterAsyncResource, once } from 'node:events';
import fs from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import threads, { MessageChannel } from 'node:worker_threads';
import { gzip } from 'node:zlib';
import { arena, isArenaArray, stats } from 'arena-pirate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { runOrThrow } from './support/run.js';
import { deferred, expectNoScope, isCaptured } from './support/scopes.js';

const exit = { release: 'exit', copyResult: false } as const;

let echo: net.Server;
let web: import('node:http').Server;
const portOf = (server: net.Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  echo = net.createServer((socket) => socket.pipe(socket).on('error', () => {})).listen(0);
  web = createServer((request, response) => {
    response.end(Buffer.alloc(50_000, request.url));
  }).listen(0);
  await Promise.all([echo, web].map((server) => server.listening || once(server, 'listening')));
});
afterAll(() => {
  echo.close();
  web.close();
  web.closeAllConnections();
  expectNoScope();
});

// Those of `navigator` as well, but known before anybody has asked for it.
const { locks } = threads as { locks?: { request(...args: unknown[]): void } };

/** The ways in which a callback comes about. */
const callbacks: Record<string, (callback: () => void) => void> = {
  'a timer': (callback) => setTimeout(callback, 1),
  'an interval': (callback) => {
    const interval = setInterval(() => {
      clearInterval(interval);
      callback();
    }, 1);
  },
  'an immediate': (callback) => setImmediate(callback),
  'process.nextTick': (callback) => process.nextTick(callback),
  queueMicrotask: (callback) => queueMicrotask(callback),
  'a callback of fs': (callback) => fs.stat('/', () => callback()),
  'a callback of zlib': (callback) => gzip('x'.repeat(1000), () => callback()),
  'a callback of crypto': (callback) => randomBytes(100, () => callback()),
  'data of a socket': (callback) => {
    const socket = net.connect({ port: portOf(echo) });
    socket.write('x');
    socket.once('data', () => {
      socket.destroy();
      callback();
    });
  },
  'a message of a port': (callback) => {
    const { port1, port2 } = new MessageChannel();
    port1.once('message', () => {
      port1.close();
      callback();
    });
    port2.postMessage(1);
  },
  'a listener that a timer calls': (callback) => {
    const emitter = new EventEmitter().once('event', callback);
    setTimeout(() => emitter.emit('event'), 1);
  },
  'an emitter with a context of its own': (callback) => {
    const emitter = new EventEmitterAsyncResource({ name: 'own' }).once('event', callback);
    emitter.emit('event');
  },
  'an AsyncResource': (callback) => new AsyncResource('own').runInAsyncScope(callback),
  'AsyncResource.bind': (callback) => AsyncResource.bind(callback)(),
  'AsyncLocalStorage.snapshot': (callback) => AsyncLocalStorage.snapshot()(callback),
  'AsyncLocalStorage.bind': (callback) => AsyncLocalStorage.bind(callback)(),
  // From Node 24.5 on. Whoever releases a lock calls the next one's.
  ...(locks && {
    'a lock': (callback: () => void) => void locks.request('a', callback),
    'a lock with options': (callback: () => void) =>
      void locks.request('b', { mode: 'exclusive' }, callback),
    'a lock with an undefined argument': (callback: () => void) =>
      void locks.request('c', callback, undefined),
  }),
};

/** Whether arrays are captured in a function, and after each of several awaits in it. */
async function captures(): Promise<boolean[]> {
  const seen = [isCaptured()];
  await null;
  seen.push(isCaptured());
  await delay(1);
  seen.push(isCaptured());
  await Promise.all([fs.promises.stat('/'), null]);
  return [...seen, isCaptured()];
}

describe.each(Object.entries(callbacks))('an exit scope, in %s', (_name, schedule) => {
  it('is not active, nor after awaits there, and is again for who awaits it', async () => {
    const seen = await arena(async () => {
      await null;
      const there = await new Promise<boolean[]>((resolve) => schedule(() => resolve(captures())));
      const here = await captures();
      return { there, here };
    }, exit);
    expect(seen).toEqual({ there: Array(4).fill(false), here: Array(4).fill(true) });
  });

  it('is not active while another scope is, whose own part is', async () => {
    const [made, fired] = [deferred(), deferred()];
    const there = deferred<Promise<boolean[]>>();
    const first = arena(async () => {
      await null;
      schedule(() => there.resolve(captures()));
      made.resolve();
      await fired.promise;
      return isCaptured();
    }, exit);
    await made.promise;
    const second = await arena(async () => {
      const before = await captures();
      const seen = await there.promise;
      return { seen, own: [...before, ...(await captures())] };
    }, exit);
    fired.resolve();
    expect(second).toEqual({ seen: Array(4).fill(false), own: Array(8).fill(true) });
    expect(await first).toBe(true);
  });

  it('is active in a scope that is opened there', async () => {
    const seen = await arena(
      () =>
        new Promise((resolve) =>
          schedule(() =>
            resolve(arena(async () => [...(await captures()), ...(await captures())], exit)),
          ),
        ),
      exit,
    );
    expect(seen).toEqual(Array(8).fill(true));
  });
});

describe('collected scopes', () => {
  it.each(Object.entries(callbacks))(
    'are active in %s and after awaits there',
    async (_, schedule) => {
      const seen = await arena(
        () => new Promise((resolve) => schedule(() => resolve(captures()))),
        { release: 'collected' },
      );
      expect(seen).toEqual(Array(4).fill(true));
    },
  );
});

describe('a context that was kept in one exit scope and is entered in another', () => {
  it('serves nothing from either, and leaves both as they were', async () => {
    const kept = deferred<((fn: () => unknown) => unknown)[]>();
    const done = deferred();
    const first = arena(async () => {
      await null;
      const resource = new AsyncResource('kept');
      kept.resolve([
        (fn) => resource.runInAsyncScope(fn),
        AsyncLocalStorage.snapshot() as (fn: () => unknown) => unknown,
        AsyncResource.bind((fn) => fn()),
      ]);
      await done.promise;
      return isCaptured();
    }, exit);
    const contexts = await kept.promise;
    await arena(async () => {
      for (const enter of contexts) {
        expect(enter(isCaptured)).toBe(false);
        expect(isCaptured()).toBe(true);
        await null;
        expect(await enter(captures)).toEqual(Array(4).fill(false));
        expect(await captures()).toEqual(Array(4).fill(true));
      }
    }, exit);
    for (const enter of contexts) expect(enter(isCaptured)).toBe(false);
    done.resolve();
    expect(await first).toBe(true);
    for (const enter of contexts) expect(arena.sync(() => enter(isCaptured))).toBe(false);
  });
});

describe('a connection', () => {
  it('made in one exit scope allocates nothing from it for the requests of the next', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    let fromArenas = 0;
    const request = async (path: string) => {
      const { promise, resolve, reject } = deferred<Buffer>();
      get({ port: portOf(web), path, agent }, async (response) => {
        sockets.add(response.socket);
        const chunks: Buffer[] = [];
        response.on('data', async (chunk: Buffer) => {
          chunks.push(chunk);
          if (isCaptured()) fromArenas++;
          await null;
          if (isCaptured() || isArenaArray(chunk)) fromArenas++;
        });
        response.on('end', () => resolve(Buffer.concat(chunks)));
      }).on('error', reject);
      return promise;
    };
    const scope = (id: number) =>
      arena(async () => {
        const own = fillPattern(new Uint8Array(3000), id);
        const answer = await request(`/${id}`);
        const later = fillPattern(new Uint8Array(3000), id + 1);
        expect([own, later].map(isArenaArray)).toEqual([true, true]);
        expect(answer.equals(Buffer.alloc(50_000, `/${id}`))).toBe(true);
        await delay(id % 3);
        arena.sync(() => new Uint8Array(100_000).fill(0xee), { release: 'exit' });
        expect(holdsPattern(own, id) && holdsPattern(later, id + 1)).toBe(true);
      }, exit);
    await Promise.all(Array.from({ length: 12 }, (_, id) => scope(id)));
    await scope(13);
    agent.destroy();
    expect(sockets.size).toBe(1);
    expect(fromArenas).toBe(0);
  });

  it('serves the data handlers of all scopes alike, whoever is active meanwhile', async () => {
    const socket = net.connect(portOf(echo));
    await once(socket, 'connect');
    const seen: boolean[] = [];
    await arena(async () => {
      await null;
      socket.on('data', () => seen.push(isCaptured()));
      socket.write('one');
      await once(socket, 'data');
    }, exit);
    await arena(async () => {
      socket.write('two');
      await once(socket, 'data');
      seen.push(!isCaptured());
    }, exit);
    socket.destroy();
    expect(seen).toEqual([false, false, false]);
  });
});

describe('streams in an exit scope', () => {
  const chunks = () => [1, 2, 3].map((seed) => fillPattern(Buffer.alloc(2000), seed));

  it('read by for await allocate from it in the loop only', async () => {
    const seen = await arena(async () => {
      const list: boolean[] = [];
      const inTransform: boolean[] = [];
      const transform = new Transform({
        transform(chunk, _encoding, done) {
          setImmediate(() => {
            inTransform.push(isCaptured());
            done(null, chunk);
          });
        },
      });
      let seed = 0;
      for await (const chunk of Readable.from(chunks()).pipe(transform)) {
        list.push(isCaptured() && holdsPattern(chunk, ++seed));
      }
      return { list, inTransform };
    }, exit);
    expect(seen).toEqual({ list: Array(3).fill(true), inTransform: Array(3).fill(false) });
  });

  it('awaited as a pipeline leave the scope active after it', async () => {
    const seen = await arena(async () => {
      const received: Buffer[] = [];
      await pipeline(chunks(), new PassThrough(), async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) received.push(Buffer.from(chunk));
      });
      const whole = Buffer.concat(received).equals(Buffer.concat(chunks()));
      return [whole, ...(await captures())];
    }, exit);
    expect(seen).toEqual(Array(5).fill(true));
  });

  it('and async generators go on in it at each step', async () => {
    async function* steps() {
      for (let i = 0; i < 3; i++) {
        await delay(1);
        yield isCaptured();
      }
    }
    const seen = await arena(async () => {
      const list: boolean[] = [];
      for await (const step of steps()) list.push(step, isCaptured());
      return list;
    }, exit);
    expect(seen).toEqual(Array(6).fill(true));
  });
});

it('counts what such continuations get from V8', async () => {
  const before = stats().thread.fallbacks.callback;
  await arena(
    () =>
      new Promise<void>((resolve) =>
        setTimeout(async () => {
          await null;
          new Uint8Array(1000);
          await delay(1);
          new Uint8Array(1000);
          resolve();
        }, 1),
      ),
    exit,
  );
  expect(stats().thread.fallbacks.callback - before).toBe(2);
});

describe('listeners of process for what has gone wrong', () => {
  // In a process of their own: vitest listens to these events itself.
  const seenBy = (event: string, cause: string) => {
    const code = `
      const { arena, isArenaArray } = require('arena-pirate');
      const isCaptured = () => isArenaArray(new Uint8Array(1000));
      const seen = {};
      const record = async (release) => {
        seen[release] = [isCaptured()];
        await null;
        seen[release].push(isCaptured());
        await new Promise(setImmediate);
        seen[release].push(isCaptured());
      };
      const delay = () => new Promise((resolve) => setTimeout(resolve, 20));
      const run = (release) => arena(async () => {
        const here = [];
        await null;
        process.once('${event}', () => void record(release));
        ${cause}
        await delay();
        here.push(isCaptured());
        await null;
        return [...here, isCaptured()];
      }, { release });
      (async () => {
        const here = [await run('exit'), await run('collected')];
        console.log(JSON.stringify({ ...seen, here }));
      })();`;
    return JSON.parse(runOrThrow(process.execPath, ['--no-deprecation', '--eval', code]));
  };
  const reject = 'Promise.reject(new Error());';

  const causes: [event: string, cause: string][] = [
    ['unhandledRejection', reject],
    ['uncaughtException', reject],
    ['uncaughtException', 'queueMicrotask(() => { throw new Error(); });'],
    [
      'rejectionHandled',
      `process.once('unhandledRejection', () => {});
       const late = Promise.reject(new Error());
       await delay();
       late.catch(() => {});`,
    ],
  ];

  // Which Node 26 has no more.
  if (Number.parseInt(process.versions.node, 10) < 26) {
    causes.push(['multipleResolves', 'new Promise((resolve) => { resolve(1); resolve(2); });']);
  }

  it.each(causes)('%s is a callback, after %s', (event, cause) => {
    const { exit: inExit, collected, here } = seenBy(event, cause);
    expect(inExit).toEqual([false, false, false]);
    expect(here).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(collected).toHaveLength(3);
  });

  it.each([reject, 'queueMicrotask(() => { throw new Error(); });'])(
    'and what takes their place are callbacks, after %s',
    (cause) => {
      const code = `
        const { arena, isArenaArray } = require('arena-pirate');
        const seen = [];
        const callback = function (...args) {
          const array = new Uint8Array(1000);
          seen.push(isArenaArray(array), args.length, this === undefined);
        };
        process.setUncaughtExceptionCaptureCallback(callback);
        arena(async () => {
          await null;
          ${cause}
          await new Promise((resolve) => setTimeout(resolve, 20));
          process.setUncaughtExceptionCaptureCallback(null);
          console.log(JSON.stringify([seen, process.hasUncaughtExceptionCaptureCallback()]));
        }, { release: 'exit' });`;
      const strict = `'use strict'; ${code}`;
      expect(JSON.parse(runOrThrow(process.execPath, ['--eval', strict]))).toEqual([
        [false, 1, true],
        false,
      ]);
    },
  );

  it('are called as ever, whoever else has replaced emit', () => {
    const code = `
      const calls = [];
      const { emit } = process;
      const { arena, install, uninstall } = require('arena-pirate');
      const inherited = process.emit;
      const looksAlike = String(inherited) === String(emit) && inherited.name === emit.name;
      process.emit = function (...args) {
        if (args[0] === 'own') calls.push('emit');
        return Reflect.apply(inherited, this, args);
      };
      process.once('own', function (...args) { calls.push(this === process, ...args); });
      arena.sync(() => process.emit('own', 1, 2));
      uninstall();
      process.emit('own');
      delete process.emit;
      console.log(JSON.stringify([calls, process.emit === emit, looksAlike]));`;
    expect(JSON.parse(runOrThrow(process.execPath, ['--eval', code]))).toEqual([
      ['emit', true, 1, 2, 'emit'],
      true,
      true,
    ]);
  });
});
