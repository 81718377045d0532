import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inChild, type Kit } from './support/child.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arena-pirate-pending-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Starts many jobs of the thread pool in scopes that end at once, keeps the only thread busy while
 * memory is collected and written to, and returns the names of the jobs that went wrong.
 */
async function queued(kit: Kit, fifo: string, file: string): Promise<string[]> {
  const { arena, collectGarbage, fillPattern, holdsPattern, isArenaArray, scramble } = kit;
  const crypto = require('node:crypto') as typeof import('node:crypto');
  const fs = require('node:fs') as typeof import('node:fs');
  const zlib = require('node:zlib') as typeof import('node:zlib');
  const { promisify } = require('node:util') as typeof import('node:util');
  const sizes = [300, 20_000, 1_200_000];
  const largest = 1_200_000;
  fs.writeFileSync(file, fillPattern(Buffer.alloc(largest + 1000), 9));
  const fd = fs.openSync(file, 'r');
  const plain = (size: number) => fillPattern(Buffer.alloc(size), size);
  const wrong: string[] = [];
  const make = (size: number) => {
    const array = fillPattern(Buffer.alloc(size), size);
    if (!isArenaArray(array)) wrong.push(`not captured: ${size}`);
    return array;
  };
  const { subtle } = crypto.webcrypto;
  const randomFill = promisify(crypto.randomFill) as unknown as (
    ...args: [Buffer, number, number]
  ) => Promise<Buffer>;
  const aes = await subtle.importKey('raw', plain(32), 'AES-CTR', false, ['encrypt']);
  const { privateKey } = crypto.generateKeyPairSync('ed25519');
  const gunzip = (packed: Buffer, size: number) => zlib.gunzipSync(packed).equals(plain(size));
  const through = async (stream: import('node:stream').Transform, size: number) => {
    stream.write(make(size));
    stream.end(make(size));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  };

  // Each starts a job with arrays that it alone refers to, and tells whether the answer is right.
  const jobs: Record<string, (size: number) => Promise<boolean>> = {
    'fs.read': async (size) => {
      const { buffer } = await promisify(fs.read)(fd, Buffer.alloc(size), 0, size, 0);
      return holdsPattern(buffer, 9);
    },
    'fs.readv': async (size) => {
      const { buffers } = await promisify(fs.readv)(fd, [Buffer.alloc(100), Buffer.alloc(size)], 0);
      const [first, second] = buffers as Buffer[];
      return holdsPattern(first as Buffer, 9) && holdsPattern(second as Buffer, 109);
    },
    'fs.write': async (size) => {
      const path = `${file}-write-${size}`;
      const target = fs.openSync(path, 'w');
      await promisify(fs.write)(target, make(size), 0, size, 0);
      fs.closeSync(target);
      return fs.readFileSync(path).equals(plain(size));
    },
    'fs.writev': async (size) => {
      const path = `${file}-writev-${size}`;
      const target = fs.openSync(path, 'w');
      await promisify(fs.writev)(target, [make(size), make(300)]);
      fs.closeSync(target);
      return fs.readFileSync(path).equals(Buffer.concat([plain(size), plain(300)]));
    },
    'fs.promises.writeFile': async (size) => {
      const path = `${file}-file-${size}`;
      await fs.promises.writeFile(path, make(size));
      return fs.readFileSync(path).equals(plain(size));
    },
    'zlib.gzip': async (size) => gunzip(await promisify(zlib.gzip)(make(size)), size),
    'zlib.gunzip': async (size) => {
      const packed = Buffer.from(zlib.gzipSync(plain(size)));
      return (await promisify(zlib.gunzip)(packed)).equals(plain(size));
    },
    'zlib.brotliCompress': async (size) => {
      const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 };
      const packed = await promisify(zlib.brotliCompress)(make(size), { params });
      return zlib.brotliDecompressSync(packed).equals(plain(size));
    },
    'a zlib stream': async (size) => {
      const packed = await through(zlib.createGzip({ level: 1 }), size);
      return zlib.gunzipSync(packed).equals(Buffer.concat([plain(size), plain(size)]));
    },
    'crypto.randomFill': async (size) => {
      const target = make(size);
      const filled = await randomFill(target, 100, 100);
      return (
        holdsPattern(filled.subarray(0, 100), size) &&
        holdsPattern(filled.subarray(200), size + 200) &&
        !holdsPattern(filled.subarray(100, 200), size + 100)
      );
    },
    'crypto.scrypt': async (size) => {
      const answer = await promisify(crypto.scrypt)(make(size), make(300), 64);
      return (answer as Buffer).equals(crypto.scryptSync(plain(size), plain(300), 64));
    },
    'crypto.pbkdf2': async (size) => {
      const answer = await promisify(crypto.pbkdf2)(make(size), make(300), 3, 64, 'sha256');
      return answer.equals(crypto.pbkdf2Sync(plain(size), plain(300), 3, 64, 'sha256'));
    },
    'crypto.hkdf': async (size) => {
      const answer = await promisify(crypto.hkdf)('sha256', make(size), make(300), make(70), 64);
      const expected = crypto.hkdfSync('sha256', plain(size), plain(300), plain(70), 64);
      return Buffer.from(answer).equals(Buffer.from(expected));
    },
    'crypto.sign': async (size) => {
      const sign = promisify(crypto.sign) as (...args: unknown[]) => Promise<Buffer>;
      const answer = await sign(null, make(size), privateKey);
      return answer.equals(crypto.sign(null, plain(size), privateKey));
    },
    'subtle.digest': async (size) => {
      const answer = Buffer.from(await subtle.digest('SHA-256', make(size)));
      return answer.equals(crypto.createHash('sha256').update(plain(size)).digest());
    },
    'subtle.encrypt': async (size) => {
      const algorithm = { name: 'AES-CTR', counter: make(80).subarray(3, 19), length: 64 };
      const answer = Buffer.from(await subtle.encrypt(algorithm, aes, make(size)));
      const cipher = crypto.createCipheriv('aes-256-ctr', plain(32), plain(80).subarray(3, 19));
      return answer.equals(cipher.update(plain(size)));
    },
    'a Blob': async (size) => {
      const blob = new Blob([make(size), make(300)]).slice(10, size + 100);
      const answer = Buffer.from(await blob.arrayBuffer());
      return answer.equals(Buffer.concat([plain(size), plain(300)]).subarray(10, size + 100));
    },
    CompressionStream: async (size) => {
      const stream = new Response(make(size)).body?.pipeThrough(new CompressionStream('gzip'));
      return gunzip(Buffer.from(await new Response(stream).arrayBuffer()), size);
    },
  };
  // What Node loads when these are first used is not the matter here.
  await Promise.all(Object.values(jobs).map((job) => arena.sync(() => ({ job: job(300) })).job));

  // Takes the only thread until somebody opens the other end.
  const blocked = promisify(fs.open)(fifo, 'r');
  let isBlocked = true;
  const results = Object.entries(jobs).flatMap(([name, job]) =>
    sizes.map((size) => {
      const { promise } = arena.sync(() => ({ promise: job(size) }));
      return promise.then(
        (right) => {
          // A Blob is read without the pool.
          if (isBlocked && name !== 'a Blob') return `${name} did not wait`;
          return right ? '' : `${name}, ${size} bytes`;
        },
        (error) => `${name}, ${size} bytes: ${error}`,
      );
    }),
  );
  const bystanders: Uint8Array[] = [];
  for (let round = 0; round < 4; round++) {
    scramble(arena, 20);
    await collectGarbage();
    for (let i = 0; i < 20; i++) {
      bystanders.push(arena.sync(() => fillPattern(new Uint8Array(20_000), bystanders.length)));
    }
  }
  isBlocked = false;
  fs.closeSync(fs.openSync(fifo, 'w'));
  fs.closeSync(await blocked);
  wrong.push(...(await Promise.all(results)).filter((name) => name !== ''));
  bystanders.forEach((array, seed) => {
    if (!holdsPattern(array, seed)) wrong.push(`bystander ${seed}`);
  });
  fs.closeSync(fd);
  return wrong;
}

/** Writes to connections whose peers do not read until memory has been collected and written to. */
async function unread(kit: Kit): Promise<string[]> {
  const { arena, collectGarbage, fillPattern, isArenaArray, scramble } = kit;
  const crypto = require('node:crypto') as typeof import('node:crypto');
  const { once } = require('node:events') as typeof import('node:events');
  const http = require('node:http') as typeof import('node:http');
  const http2 = require('node:http2') as typeof import('node:http2');
  const net = require('node:net') as typeof import('node:net');
  const tls = require('node:tls') as typeof import('node:tls');
  const wrong: string[] = [];
  const parts = [300, 20_000, 1_000_000, 3_000_000];
  const seeds = [...parts, ...parts].map((size, seed) => ({ size, seed }));
  const expected = crypto.createHash('sha1');
  for (const { size, seed } of seeds) expected.update(fillPattern(Buffer.alloc(size), seed));
  const digest = expected.digest('hex');
  const write = (stream: { write(chunk: Buffer): boolean; end(): unknown }) => {
    arena.sync(() => {
      for (const { size, seed } of seeds) {
        const array = fillPattern(Buffer.alloc(size), seed);
        if (!isArenaArray(array)) wrong.push('not captured');
        stream.write(array);
      }
      stream.end();
    });
  };
  const disturb = async () => {
    for (let round = 0; round < 3; round++) {
      scramble(arena, 20);
      await collectGarbage();
    }
  };
  const read = async (name: string, stream: AsyncIterable<Buffer>) => {
    const hash = crypto.createHash('sha1');
    for await (const chunk of stream) hash.update(chunk);
    if (hash.digest('hex') !== digest) wrong.push(name);
  };
  const listen = async (server: import('node:net').Server) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as import('node:net').AddressInfo).port;
  };

  const secret = crypto.createHash('sha256').update('psk').digest();
  const psk = { ciphers: 'PSK', maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' } as const;
  const pairs: Record<string, () => Promise<() => Promise<void>>> = {
    net: async () => {
      const server = net.createServer({ pauseOnConnect: true });
      const socket = net.connect(await listen(server), '127.0.0.1');
      const [peer] = await once(server, 'connection');
      write(socket);
      return async () => {
        await read('net', peer);
        server.close();
      };
    },
    tls: async () => {
      const server = tls.createServer({ ...psk, pskCallback: () => secret });
      const accepted = once(server, 'secureConnection');
      const port = await listen(server);
      const socket = tls.connect({
        ...psk,
        port,
        host: '127.0.0.1',
        checkServerIdentity: () => undefined,
        pskCallback: () => ({ psk: secret, identity: 'x' }),
      });
      const [peer] = await accepted;
      write(socket);
      return async () => {
        await read('tls', peer);
        server.close();
      };
    },
    'http request': async () => {
      const server = http.createServer();
      const port = await listen(server);
      const request = http.request({ port, host: '127.0.0.1', method: 'POST', agent: false });
      request.flushHeaders();
      const [peer, response] = await once(server, 'request');
      write(request);
      return async () => {
        await read('http request', peer);
        response.end();
        server.close();
      };
    },
    'http response': async () => {
      const server = http.createServer((_, response) => write(response));
      const port = await listen(server);
      const request = http.request({ port, host: '127.0.0.1', agent: false }).end();
      const [response] = await once(request, 'response');
      return async () => {
        await read('http response', response);
        server.close();
      };
    },
    http2: async () => {
      const server = http2.createServer({ maxSessionMemory: 100 });
      const port = await listen(server);
      const client = http2.connect(`http://127.0.0.1:${port}`, { maxSessionMemory: 100 });
      const streaming = once(server, 'stream');
      const request = client.request({ ':method': 'POST' });
      const [peer] = await streaming;
      peer.respond();
      write(request);
      return async () => {
        await read('http2', peer);
        peer.end();
        request.resume();
        client.close();
        server.close();
      };
    },
  };
  const ready = await Promise.all(Object.values(pairs).map((start) => start()));
  await disturb();
  await Promise.all(ready.map((finish) => finish()));
  return wrong;
}

describe('memory that native code still uses is never handed out again', () => {
  const flags = ['--expose-gc'];

  it('while jobs of scopes long ended wait for a thread', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const env = { UV_THREADPOOL_SIZE: '1' };
    expect(await inChild(queued, { flags, env }, fifo, join(folder, 'file'))).toEqual([]);
  });

  it('while connections of scopes long ended wait for their peers', async () => {
    expect(await inChild(unread, { flags })).toEqual([]);
  });
});
