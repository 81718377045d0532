// What streams, files and sockets make of text, and what streams read ahead, is written and read after the scope in which
// it was asked for: it is none of that scope's.

// What streams, files and sockets make of text, and what streams read ahead, is written and read after the scope in which
// it was asked for: it is none of that scope's.
import { execFileSync } from 'node:child_process';
import { pbkdf2, randomBytes, randomFill } from 'node:crypto';
import fs, {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import fsPromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { arena, isArenaArray, stats } from 'arena-pirate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const exit = { release: 'exit' } as const;
const TEXT = 'text'.repeat(1000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arena-pirate-texts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Uses the memory of `'exit'` scopes that have ended for something else. */
function useAgain(): void {
  for (let scope = 0; scope < 20; scope++) {
    arena.sync(() => {
      for (let i = 0; i < 20; i++) new Uint8Array(16_384).fill(0x45);
    }, exit);
  }
}

const file = () => join(folder, 'file');

/** Ways to write text: each returns what has been written once all is. */
const writers: Record<string, (write: (fn: () => void) => void) => Promise<string>> = {
  'fs.writeFile': async (write) => {
    await new Promise((resolve) => write(() => fs.writeFile(file(), TEXT, resolve)));
    return readFileSync(file(), 'utf8');
  },
  'fs.appendFile': async (write) => {
    rmSync(file(), { force: true });
    await new Promise((resolve) => write(() => fs.appendFile(file(), TEXT, resolve)));
    return readFileSync(file(), 'utf8');
  },
  'fs.promises.writeFile': async (write) => {
    let writing: Promise<void> | undefined;
    write(() => {
      writing = fsPromises.writeFile(file(), TEXT);
    });
    await writing;
    return readFileSync(file(), 'utf8');
  },
  'the writeFile of a FileHandle': async (write) => {
    const handle = await fsPromises.open(file(), 'w');
    let writing: Promise<void> | undefined;
    write(() => {
      writing = handle.writeFile(TEXT);
    });
    await writing;
    await handle.close();
    return readFileSync(file(), 'utf8');
  },
  'a WriteStream': async (write) => {
    const stream = createWriteStream(file());
    write(() => stream.write(TEXT));
    stream.end();
    await finished(stream);
    return readFileSync(file(), 'utf8');
  },
  'a stream that is busy': async (write) => {
    const written: string[] = [];
    const stream = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk.toString());
        setTimeout(done, 1);
      },
    });
    stream.write('busy');
    write(() => stream.write(TEXT));
    stream.end();
    await finished(stream);
    return written[1] as string;
  },
};

describe("text given in an 'exit' scope", () => {
  it.each(Object.entries(writers))('is written as it was: %s', async (_name, writer) => {
    const written = await writer((write) => {
      arena.sync(write, exit);
      useAgain();
    });
    expect(written).toBe(TEXT);
  });

  it('becomes a Buffer of Node’s, and of the arena in collected scopes', () => {
    const isCaptured = () => isArenaArray(Buffer.from(TEXT));
    expect(arena.sync(isCaptured, exit)).toBe(false);
    expect(arena.sync(isCaptured, { ...exit, minBytes: 1 })).toBe(false);
    expect(arena.sync(isCaptured)).toBe(true);
  });
});

describe("a stream that is read from in 'exit' scopes", () => {
  const LENGTH = 300_000;
  const wrongIn = (chunk: Uint8Array) =>
    chunk.reduce((wrong, byte) => wrong + Number(byte !== 1), 0);

  /** Reads in one scope after the other. */
  async function readAll(stream: Readable): Promise<{ read: number; wrong: number }> {
    const all = { read: 0, wrong: 0 };
    const readOne = () => {
      const chunk = (stream.read(1000) ?? stream.read()) as Buffer | null;
      if (chunk === null) return false;
      all.read += chunk.length;
      all.wrong += wrongIn(chunk);
      return true;
    };
    stream.on('readable', () => {
      while (arena.sync(readOne, exit)) useAgain();
    });
    await finished(stream);
    return all;
  }

  it('reads a file ahead into memory of its own', async () => {
    fs.writeFileSync(file(), Buffer.alloc(LENGTH, 1));
    const stream = createReadStream(file(), { highWaterMark: 16_384 });
    expect(await readAll(stream)).toEqual({ read: LENGTH, wrong: 0 });
  });

  it('reads a file ahead where it is iterated over, scope by scope', async () => {
    fs.writeFileSync(file(), Buffer.alloc(LENGTH, 1));
    const iterator = createReadStream(file())[Symbol.asyncIterator]();
    let read = 0;
    const readOne = async () => {
      const { value, done } = (await iterator.next()) as IteratorResult<Buffer>;
      if (done) return false;
      read += value.length;
      expect(wrongIn(value)).toBe(0);
      return true;
    };
    while (await arena(readOne, exit)) useAgain();
    expect(read).toBe(LENGTH);
  });

  it('makes what users’ streams make by themselves', async () => {
    let left = 30;
    const stream = new Readable({
      highWaterMark: 30_000,
      read() {
        this.push(left-- > 0 ? Buffer.alloc(10_000, 1) : null);
      },
    });
    expect(await readAll(stream)).toEqual({ read: LENGTH, wrong: 0 });
  });

  it('goes on with what it has begun outside of them', async () => {
    const captured: boolean[] = [];
    const stream = new Readable({
      read() {
        void (async () => {
          await delay(1);
          captured.push(isArenaArray(new Uint8Array(1000)));
          await null;
          captured.push(isArenaArray(new Uint8Array(1000)));
          this.push(null);
        })();
      },
    });
    await arena(async () => {
      await null;
      stream.read();
      await finished(stream.resume());
    }, exit);
    expect(captured).toEqual([false, false]);
  });

  it.each(Object.keys(zlib).filter((name) => /^create(?!Zip)/.test(name)) as 'createGzip'[])(
    'is one of zlib that works in memory of its own: %s',
    (name) => {
      const stream = arena.sync(() => zlib[name](), { ...exit, copyResult: false });
      const { _outBuffer: memory } = stream as unknown as { _outBuffer: Buffer };
      expect(memory.byteLength).toBeGreaterThan(1000);
      expect(isArenaArray(memory)).toBe(false);
      stream.destroy();
    },
  );

  it('leaves the arrays of others alone where it goes on after the scope that it was made in', async () => {
    const deflate = await arena(
      async () => {
        const made = zlib.createDeflateRaw();
        made.resume().write(Buffer.alloc(3000, 1));
        await new Promise<void>((resolve) => made.flush(resolve));
        return made;
      },
      { ...exit, copyResult: false },
    );
    await arena(async () => {
      const others = Array.from({ length: 500 }, () => new Uint8Array(1000).fill(0xe1));
      deflate.write(randomBytes(6000));
      await new Promise<void>((resolve) => deflate.flush(resolve));
      expect(others.every((array) => array.every((byte) => byte === 0xe1))).toBe(true);
    }, exit);
    deflate.destroy();
  });

  it('is of the scope where it is a collected one', () => {
    const seen: boolean[] = [];
    const stream = new Readable({
      read() {
        seen.push(isArenaArray(new Uint8Array(1000)));
        this.push(null);
      },
    });
    arena.sync(() => stream.read());
    expect(seen).toEqual([true]);
  });
});

describe("an 'exit' scope that ends by an error while Node is still at work", () => {
  const bytes = randomBytes(50_000);
  const packed = zlib.deflateSync(bytes);
  const [gzip, inflate, brotliCompress, slowHash] = [
    promisify(zlib.gzip),
    promisify(zlib.inflate),
    promisify(zlib.brotliCompress),
    promisify(pbkdf2),
  ];
  const fillAtRandom = promisify<Uint8Array, Uint8Array>(randomFill);

  /** Says whether others' arrays are whole after what a scope has begun that has ended meanwhile. */
  async function leavesOthersAlone(begin: () => Promise<unknown>[], goOn?: () => void) {
    let pending: Promise<unknown>[] = [];
    const failing = arena(async () => {
      await null;
      pending = begin();
      if (goOn) await delay(100);
      throw new Error('one of them');
    }, exit);
    await expect(failing).rejects.toThrow('one of them');
    return arena(async () => {
      const others = Array.from({ length: 100 }, () => new Uint8Array(50_000).fill(0xe1));
      goOn?.();
      await Promise.all(pending);
      return others.every((array) => array.every((byte) => byte === 0xe1));
    }, exit);
  }

  it.each([
    ['zlib.gzip', () => gzip(bytes)],
    ['zlib.inflate', () => inflate(packed)],
    ['zlib.brotliCompress', () => brotliCompress(bytes)],
  ])('leaves the arrays of others alone: %s', async (_name, begin) => {
    // As many as Node has threads for such.
    const busy = [1, 2, 3, 4].map(() => slowHash('password', 'salt', 200_000, 64, 'sha512'));
    const all = () => Array.from<unknown, Promise<unknown>>({ length: 20 }, begin);
    expect(await leavesOthersAlone(all)).toBe(true);
    await Promise.all(busy);
  });

  it.each([
    ['crypto.randomFill', () => fillAtRandom(new Uint8Array(50_000))],
    ['new zlib.Gzip', () => finished(new zlib.Gzip().end(bytes).resume())],
  ])('leaves the arrays of others alone: %s', async (_name, begin) => {
    const busy = [1, 2, 3, 4].map(() => slowHash('password', 'salt', 200_000, 64, 'sha512'));
    const all = () => Array.from<unknown, Promise<unknown>>({ length: 20 }, begin);
    expect(await leavesOthersAlone(all)).toBe(true);
    await Promise.all(busy);
  });

  it.each([
    ['fs.read', (fd: number) => promisify(fs.read)(fd, new Uint8Array(50_000), 0, 50_000, null)],
    ['a FileHandle', (_fd: number, handle: fsPromises.FileHandle) => handle.read()],
  ])('leaves the arrays of others alone: %s', async (name, read) => {
    const pipe = join(folder, name);
    execFileSync('mkfifo', [pipe]);
    const handle = await fsPromises.open(pipe, 'r+');
    const begin = () => [read(handle.fd, handle)];
    const goOn = () => {
      fs.writeSync(handle.fd, 'text that comes late');
    };
    expect(await leavesOthersAlone(begin, goOn)).toBe(true);
    await handle.close();
  });

  it('leaves the arrays of those alone that go on', async () => {
    let left: Promise<boolean> | undefined;
    const goOn = async () => {
      const array = new Uint8Array(3000).fill(0x11);
      const part = array.subarray(1000, 2000);
      await delay(20);
      const whole = new Uint8Array(part.buffer);
      return (
        part.byteOffset === 1000 && whole.length === 3000 && whole.every((byte) => byte === 0x11)
      );
    };
    const failing = arena(async () => {
      await null;
      left = goOn();
      await Promise.all([left, Promise.reject(new Error('one of them'))]);
    }, exit);
    await expect(failing).rejects.toThrow('one of them');
    await arena(async () => {
      for (let i = 0; i < 5000; i++) new Uint8Array(3000).fill(0xe1);
      expect(await left).toBe(true);
    }, exit);
  });

  it('leaves its memory to be used again once V8 has collected what is there', async () => {
    const failOnce = () =>
      arena(async () => {
        await null;
        for (let i = 0; i < 50; i++) new Uint8Array(100_000).fill(1);
        throw new Error('failed');
      }, exit);
    for (let i = 0; i < 100; i++) await expect(failOnce()).rejects.toThrow('failed');
    const { mapped } = stats().thread.bytes;
    for (let i = 0; i < 100; i++) await expect(failOnce()).rejects.toThrow('failed');
    expect(stats().thread.bytes.mapped).toBe(mapped);
    expect(mapped).toBeLessThan(300e6);
  });

  it('leaves the arrays of others alone: fs.promises.readFile', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = fs.openSync(pipe, 'r+');
    let read: Promise<Buffer> | undefined;
    const begin = () => {
      read = fsPromises.readFile(pipe);
      return [read];
    };
    const goOn = () => {
      fs.writeSync(writer, 'text that comes late');
      fs.closeSync(writer);
    };
    expect(await leavesOthersAlone(begin, goOn)).toBe(true);
    expect(String(await read)).toBe('text that comes late');
  });
});
