// What streams of Node's are given in an 'exit' scope is sent, written or compressed as it was when they were given it,
// however long that takes them.
import { spawn } from 'node:child_process';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs, {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer as contentOf } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { arena, findEscapes, isArenaArray } from 'arena-pirate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inChild } from './support/child.js';

const exit = { release: 'exit' } as const;
const KEY = Buffer.alloc(32, 1);
const IV = Buffer.alloc(16, 2);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arena-pirate-writes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Uses the memory of `'exit'` scopes that have ended for something else. */
function useAgain(lengths: readonly number[]): void {
  for (let scope = 0; scope < 3; scope++) {
    arena.sync(() => {
      for (const length of [...lengths, ...lengths]) new Uint8Array(length).fill(0x45);
    }, exit);
  }
}

/** Where bytes come out that have been written to `stream`. */
interface Way {
  readonly stream: Writable;
  readonly content: Promise<Buffer>;
}

const ways: Record<string, () => Way | Promise<Way>> = {
  'a file': () => {
    const path = join(folder, 'file');
    const stream = createWriteStream(path);
    return { stream, content: finished(stream).then(() => readFileSync(path)) };
  },
  'a file, slowly': () => {
    const path = join(folder, 'slow');
    const stream = createWriteStream(path);
    stream.cork();
    setTimeout(() => stream.uncork(), 50);
    return { stream, content: finished(stream).then(() => readFileSync(path)) };
  },
  'zlib.createGzip': () => {
    const stream = arena.sync(() => zlib.createGzip({ level: 1 }), exit);
    return { stream, content: contentOf(stream.pipe(zlib.createGunzip())) };
  },
  'new zlib.BrotliCompress': () => {
    const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 };
    const stream = new zlib.BrotliCompress({ params });
    return { stream, content: contentOf(stream.pipe(zlib.createBrotliDecompress())) };
  },
  'new zlib.Gzip, made in the scope': () => {
    const stream = arena.sync(() => new zlib.Gzip({ level: 1 }), exit);
    return { stream, content: contentOf(stream.pipe(zlib.createGunzip())) };
  },
  'a cipher': () => {
    const stream = createCipheriv('aes-256-ctr', KEY, IV);
    const decipher = createDecipheriv('aes-256-ctr', KEY, IV);
    // What nobody reads yet waits.
    const content = delay(20).then(() => contentOf(stream.pipe(decipher)));
    return { stream, content };
  },
  'another thread': () => {
    const source = `const { parentPort } = require('node:worker_threads'), all = [];
      process.stdin.on('data', (chunk) => all.push(chunk));
      process.stdin.on('end', () => parentPort.postMessage(Buffer.concat(all)));`;
    const worker = new Worker(source, { eval: true, stdin: true });
    const content = once(worker, 'message').then(([all]) => Buffer.from(all as Uint8Array));
    return { stream: worker.stdin as Writable, content };
  },
  'a process': () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return { stream: child.stdin, content: contentOf(child.stdout) };
  },
  'a socket': async () => {
    const server = net.createServer((socket) => setTimeout(() => socket.pipe(socket), 50));
    await once(server.listen(0), 'listening');
    const socket = net.connect((server.address() as AddressInfo).port);
    await once(socket, 'connect');
    return { stream: socket, content: contentOf(socket).finally(() => server.close()) };
  },
  'a response': async () => {
    const server = http.createServer({ keepAliveTimeout: 1 });
    await once(server.listen(0), 'listening');
    const request = http.get({ port: (server.address() as AddressInfo).port, agent: false });
    const [, stream] = (await once(server, 'request')) as [unknown, Writable];
    const content = once(request, 'response').then(([response]) => contentOf(response));
    return { stream, content: content.finally(() => server.close()) };
  },
  'a response that has to wait for another': async () => {
    const server = http.createServer({ keepAliveTimeout: 1 });
    await once(server.listen(0), 'listening');
    const responses: http.ServerResponse[] = [];
    server.on('request', (_request, response) => void responses.push(response));
    const socket = net.connect((server.address() as AddressInfo).port);
    const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n';
    socket.write(`${get}\r\n${get}Connection: close\r\n\r\n`);
    const content = contentOf(socket).finally(() => server.close());
    while (responses.length < 2) await delay(1);
    const [first, stream] = responses as [http.ServerResponse, http.ServerResponse];
    setTimeout(() => first.end('first'), 50);
    stream.useChunkedEncodingByDefault = false;
    const isHead = (all: Buffer) => all.indexOf('\r\n\r\n', all.indexOf('\r\n\r\n') + 4) + 4;
    return { stream, content: content.then((all) => all.subarray(isHead(all))) };
  },
  'a request': async () => {
    const received: Promise<Buffer>[] = [];
    const server = http.createServer({ keepAliveTimeout: 1 }, (request, response) => {
      received.push(contentOf(request));
      request.on('end', () => response.end());
    });
    await once(server.listen(0), 'listening');
    const { port } = server.address() as AddressInfo;
    const stream = http.request({ port, agent: false, method: 'POST' });
    const content = once(stream, 'response').then(async ([response]) => {
      await finished(response.resume());
      server.close();
      return received[0] as Promise<Buffer>;
    });
    return { stream, content };
  },
  'a response of HTTP/2': async () => {
    const server = http2.createServer();
    await once(server.listen(0), 'listening');
    const client = http2.connect(`http://localhost:${(server.address() as AddressInfo).port}`);
    const request = client.request({ ':path': '/' });
    const [, stream] = (await once(server, 'request')) as [unknown, Writable];
    const content = contentOf(request).finally(() => {
      client.close();
      server.close();
    });
    return { stream, content };
  },
};

type WriteFile = (path: string, data: Uint8Array) => Promise<void>;

const wholeFiles: Record<string, WriteFile> = {
  'fs.writeFile': promisify(fs.writeFile) as WriteFile,
  'fs.appendFile': promisify(fs.appendFile) as WriteFile,
  'fs.promises.writeFile': fs.promises.writeFile,
  'fs.promises.appendFile': fs.promises.appendFile,
};

const SIZES = {
  'many small ones': Array.from({ length: 40 }, (_, i) => 300 + 100 * i),
  'some of a MiB and more': [1_000_000, 3_000_000, 2_500_000],
};

describe.each(Object.entries(SIZES))("Buffers made in an 'exit' scope, %s", (_sizes, lengths) => {
  const wanted = Buffer.concat(lengths.map((length, i) => Buffer.alloc(length, i + 1)));

  it.each(Object.entries(ways))('reach %s as they were written', async (_name, way) => {
    const { stream, content } = await way();
    arena.sync(() => {
      const chunks = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
      for (const chunk of chunks.slice(0, -1)) stream.write(chunk);
      const last = Buffer.from((chunks.at(-1) as Uint8Array).buffer);
      expect(isArenaArray(last)).toBe(true);
      stream.end(last);
    }, exit);
    useAgain(lengths);
    expect((await content).equals(wanted)).toBe(true);
  });

  it.each(Object.entries(wholeFiles))('reach a file by %s', async (name, write) => {
    const path = join(folder, `${name}-${lengths.length}`);
    let written: Promise<void> | undefined;
    arena.sync(() => {
      const all = Buffer.alloc(wanted.length);
      all.set(wanted);
      written = write(path, all);
    }, exit);
    useAgain([wanted.length]);
    await written;
    expect(readFileSync(path).equals(wanted)).toBe(true);
  });

  it('reach a file through others’ streams that read on outside', async () => {
    const path = join(folder, 'piped');
    const stream = createWriteStream(path, { highWaterMark: 2 ** 30 });
    stream.cork();
    await arena(async () => {
      const chunks = lengths.map((length, i) => Buffer.alloc(length, i + 1));
      const source = Readable.from(chunks);
      source.pipe(stream);
      await once(source, 'end');
    }, exit);
    useAgain(lengths);
    stream.uncork();
    await finished(stream);
    expect(readFileSync(path).equals(wanted)).toBe(true);
  });
});

describe("what a program goes on with after an 'exit' scope", () => {
  it.each([
    ['a Buffer', (buffer: Buffer) => buffer],
    ['an ArrayBuffer', (buffer: Buffer) => buffer.buffer.slice(0, 50_000)],
    ['a Blob', (buffer: Buffer) => new Blob([buffer])],
    ['a stream', (buffer: Buffer) => new Blob([buffer]).stream()],
  ])('is the Response that it has made of %s', async (_name, bodyOf) => {
    const [response, request] = await arena(async () => {
      await null;
      const init = { method: 'POST', duplex: 'half' } as const;
      const make = () => bodyOf(Buffer.alloc(50_000, 7)) as never;
      return [new Response(make()), new Request('http://localhost', { ...init, body: make() })];
    }, exit);
    useAgain([50_000]);
    for (const each of [response, request]) {
      const body = Buffer.from(await (each as Response).arrayBuffer());
      expect(body.equals(Buffer.alloc(50_000, 7))).toBe(true);
    }
  });

  it('is the Response of JSON', async () => {
    const value = Array.from({ length: 1000 }, (_, i) => i);
    const response = await arena(async () => Response.json(value), exit);
    useAgain([4000]);
    expect(await response.json()).toEqual(value);
  });

  it('is the state of a decoder, whatever minBytes says', async () => {
    const text = await inChild(({ arena }) => {
      const { PassThrough } = process.getBuiltinModule('node:stream');
      const stream = new PassThrough();
      const options = { release: 'exit', minBytes: 1 } as const;
      arena.sync(() => void stream.setEncoding('utf8'), options);
      arena.sync(() => {
        for (let i = 0; i < 50; i++) new Uint8Array(7).fill(0x45);
      }, options);
      stream.end(Buffer.from('é'));
      return stream.read();
    });
    expect(text).toBe('é');
  });

  it('is a request of HTTP that it has required there', async () => {
    const sent = await inChild(async ({ arena }) => {
      const net = process.getBuiltinModule('node:net');
      const server = net.createServer();
      await new Promise<void>((resolve) => server.listen(0, () => resolve()));
      const { port } = server.address() as AddressInfo;
      const received = new Promise<string>((resolve) => {
        server.on('connection', (socket) => {
          let all = '';
          socket.on('data', (chunk) => {
            all += chunk.toString('latin1');
            if (!all.includes('END')) return;
            socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
            resolve(all);
          });
        });
      });
      const options = { release: 'exit' } as const;
      arena.sync(() => {
        const http = require('node:http') as typeof import('node:http');
        const request = http.request({ port, method: 'POST', agent: false });
        request.write(Buffer.alloc(2000, 'a'));
        request.end('END');
      }, options);
      arena.sync(() => {
        for (let i = 0; i < 10; i++) Buffer.alloc(2000, 'b');
      }, options);
      const all = await received;
      server.close();
      return [all.split('a'.repeat(2000)).length, all.includes('bbb')];
    });
    expect(sent).toEqual([2, false]);
  });
});

describe('what a stream is given', () => {
  class Seeing extends zlib.Deflate {
    readonly seen: unknown[] = [];

    override _transform(chunk: unknown, encoding: BufferEncoding, done: () => void): void {
      this.seen.push(chunk);
      super._transform(chunk, encoding, done);
    }
  }

  it('is copied by itself where it is a part of something larger', () => {
    const [chunk, part] = arena.sync(
      () => {
        const stream = new Seeing();
        const whole = Buffer.alloc(100_000, 7);
        const part = whole.subarray(5000, 5300);
        stream.write(part);
        return [stream.seen[0] as Buffer, part];
      },
      { ...exit, copyResult: false },
    ) as [Buffer, Buffer];
    expect(chunk).not.toBe(part);
    expect(chunk.buffer.byteLength).toBe(300);
    expect(chunk.equals(Buffer.alloc(300, 7))).toBe(true);
    expect(isArenaArray(chunk)).toBe(false);
  });

  it.each([
    ['a collected scope', (fn: () => void) => arena.sync(fn)],
    ['no scope', (fn: () => void) => fn()],
  ])('is not copied in %s', (_name, run) => {
    run(() => {
      const stream = new Seeing();
      const chunk = Buffer.alloc(5000, 7);
      stream.write(chunk);
      expect(stream.seen[0]).toBe(chunk);
    });
  });

  it('is not copied where a program sees it', () => {
    arena.sync(() => {
      const chunk = Buffer.alloc(5000, 7);
      const seen: unknown[] = [];
      const stream = new Writable({
        write(given, _encoding, done) {
          seen.push(given);
          done();
        },
      });
      stream.write(chunk);
      stream.end(chunk);
      const through = new PassThrough();
      through.end(chunk);
      seen.push(through.read());
      for (const each of seen) expect(each).toBe(chunk);
    }, exit);
  });

  it.each([
    ['Float64Array', () => new Float64Array(500).fill(0.1)],
    ['DataView', () => new DataView(new Float64Array(500).fill(0.1).buffer, 8, 3000)],
    ['Uint8Array', () => new Uint8Array(4000).fill(9)],
    ['string', () => 'text'.repeat(1000)],
  ])('may be a %s', async (_name, make) => {
    const inflate = zlib.createInflate();
    const content = contentOf(inflate);
    arena.sync(() => {
      const deflate = zlib.createDeflate();
      deflate.pipe(inflate);
      deflate.end(make());
    }, exit);
    useAgain([4000]);
    const made = make();
    const wanted =
      typeof made === 'string'
        ? Buffer.from(made)
        : Buffer.from(made.buffer, made.byteOffset, made.byteLength);
    expect((await content).equals(wanted)).toBe(true);
  });

  it.each([[{}], [null], [5], [[1, 2]], [new ArrayBuffer(5)]])(
    'is refused as by Node: %j',
    (chunk) => {
      const tryOne = () => {
        const stream = new zlib.Deflate().on('error', () => {});
        try {
          return String(stream.write(chunk as never));
        } catch (error) {
          return String(error);
        }
      };
      expect(arena.sync(tryOne, exit)).toBe(tryOne());
    },
  );

  it.each([
    ['a Buffer', (message: Uint8Array) => message],
    ['a list', (message: Uint8Array) => ['some ', message.subarray(5)]],
  ])('may be a datagram: %s', async (_name, make) => {
    const text = 'some words in a datagram';
    const receiver = dgram.createSocket('udp4');
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    const sender = dgram.createSocket('udp4');
    const received = once(receiver, 'message');
    arena.sync(
      () => {
        const message = new Uint8Array(text.length);
        message.set(new TextEncoder().encode(text));
        sender.send(make(message), receiver.address().port, '127.0.0.1');
      },
      { ...exit, minBytes: 1 },
    );
    useAgain([text.length, 100]);
    const [message] = await received;
    expect(String(message)).toBe(text);
    sender.close();
    receiver.close();
  });

  it('is no escape, written and forgotten', async () => {
    const path = join(folder, 'checked');
    const stream = createWriteStream(path);
    const escapes = await findEscapes(async () => {
      arena(() => void stream.end(Buffer.alloc(50_000, 3)), exit);
      await finished(stream);
    });
    expect(escapes).toEqual([]);
    expect((await contentOf(createReadStream(path))).equals(Buffer.alloc(50_000, 3))).toBe(true);
  });
});
