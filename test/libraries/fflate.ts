import type { AsyncFlateStreamHandler, FlateStreamHandler } from 'fflate';
import { code, longText, texts } from './inputs.js';
import { failureOf, type Library, pieces } from './library.js';

type Fflate = typeof import('fflate');

// Archives and gzip headers hold a time.
const FIXED = { mtime: new Date(2000, 0, 1) };
const zipped = Object.fromEntries([...texts].slice(0, 6));
const phrase = Buffer.from('export interface readonly string number '.repeat(20));

interface Stream {
  ondata: FlateStreamHandler;
  push(chunk: Uint8Array, final?: boolean): void;
}

/** All that a stream gives for all that is pushed, whose memory is used again at once. */
function streamed(stream: Stream, input: Uint8Array): Uint8Array[] {
  const output: Uint8Array[] = [];
  stream.ondata = (chunk) => output.push(chunk);
  for (const piece of pieces(input, 3000)) {
    const scratch = Uint8Array.from(piece);
    stream.push(scratch);
    scratch.fill(0xaa);
  }
  stream.push(new Uint8Array(0), true);
  return output;
}

function called<T>(start: (done: (error: unknown, data: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, data) => (error ? reject(error) : resolve(data)));
  });
}

export const fflate: Library<Fflate> = {
  name: 'fflate',
  load: () => require('fflate') as Fflate,
  uses: {
    'compresses and expands in every format': (lib) =>
      [code, longText].flatMap((file) => {
        const input = Uint8Array.from(file);
        const packed = [
          lib.deflateSync(input),
          lib.gzipSync(input, FIXED),
          lib.zlibSync(input, { level: 9 }),
          lib.deflateSync(input, { level: 0 }),
          lib.zlibSync(input, { level: 1, mem: 2 }),
          lib.deflateSync(input, { dictionary: phrase }),
        ] as const;
        return [
          packed,
          lib.inflateSync(packed[0]),
          lib.gunzipSync(packed[1]),
          lib.unzlibSync(packed[2]),
          lib.inflateSync(packed[3]),
          lib.decompressSync(packed[4]),
          lib.inflateSync(packed[5], { dictionary: phrase }),
          lib.inflateSync(packed[0], { out: new Uint8Array(input.length) }),
        ];
      }),
    'packs short texts': (lib) =>
      ['', 'a', 'short', 'more and more and more'].map((text) => {
        const packed = lib.deflateSync(lib.strToU8(text));
        return [packed, lib.strFromU8(lib.inflateSync(packed))];
      }),
    'makes archives and takes them apart': (lib) => {
      const archive = lib.zipSync(
        { ...zipped, folder: { 'inner.txt': lib.strToU8('ünïcödé '.repeat(50)) } },
        FIXED,
      );
      const some = lib.unzipSync(archive, { filter: ({ name }) => name.startsWith('b') });
      return [archive, lib.unzipSync(archive), some];
    },
    'streams in reused memory': (lib) => {
      const packed = streamed(new lib.Gzip({ ...FIXED, level: 6 }) as Stream, longText);
      const expanded = streamed(new lib.Gunzip() as Stream, Buffer.concat(packed));
      const raw = streamed(new lib.Deflate({ level: 3 }) as Stream, code);
      return [packed, expanded, raw, streamed(new lib.Inflate() as Stream, Buffer.concat(raw))];
    },
    'streams archives': (lib) => {
      const output: Uint8Array[] = [];
      const archive = new lib.Zip((_error, chunk) => output.push(chunk));
      for (const name of ['console.d.ts', 'os.d.ts', 'path.d.ts']) {
        const file = Object.assign(new lib.ZipDeflate(name, { level: 9 }), FIXED);
        archive.add(file);
        for (const piece of pieces(texts.get(name) as Buffer, 2000)) {
          file.push(Uint8Array.from(piece));
        }
        file.push(new Uint8Array(0), true);
      }
      archive.end();
      const files: unknown[] = [];
      const reader = new lib.Unzip((file) => {
        const parts: Uint8Array[] = [];
        file.ondata = (_error, chunk, final) => {
          parts.push(chunk);
          if (final) files.push([file.name, Buffer.concat(parts)]);
        };
        file.start();
      });
      reader.register(lib.UnzipInflate);
      for (const piece of pieces(Buffer.concat(output), 1500)) reader.push(piece);
      reader.push(new Uint8Array(0), true);
      return [output, files];
    },
    'works in threads of its own': async (lib) => {
      const input = Uint8Array.from(longText);
      const packed = lib.gzipSync(input, FIXED);
      const expanded = await called<Uint8Array>((done) => lib.gunzip(packed, done));
      const chunks: Uint8Array[] = [];
      await new Promise<void>((resolve, reject) => {
        const handler: AsyncFlateStreamHandler = (error, chunk, final) => {
          if (error) return reject(error);
          chunks.push(chunk);
          if (final) resolve();
        };
        const stream = new lib.AsyncDeflate({ level: 6 }, handler);
        for (const piece of pieces(input, 40_000)) stream.push(Uint8Array.from(piece));
        stream.push(new Uint8Array(0), true);
      });
      return [packed, expanded, Buffer.concat(chunks)];
    },
    'makes archives without blocking': async (lib) => {
      const archive = await called<Uint8Array>((done) => lib.zip(zipped, FIXED, done));
      return [archive, await called<object>((done) => lib.unzip(archive, done))];
    },
    'hands its input over to a thread': async (lib) => {
      const input = Uint8Array.from(longText);
      const packed = await called<Uint8Array>((done) => lib.zlib(input, { consume: true }, done));
      return [packed, lib.unzlibSync(packed)];
    },
    'goes on after data that is not whole': (lib) => {
      const packed = lib.gzipSync(Uint8Array.from(longText), FIXED);
      const damaged = packed.slice();
      damaged[2000] = (damaged[2000] as number) ^ 0xff;
      const failures = [
        failureOf(() => lib.gunzipSync(packed.subarray(0, 3000))),
        failureOf(() => lib.inflateSync(Uint8Array.from(code))),
        failureOf(() => lib.unzipSync(Uint8Array.from(code))),
        failureOf(() => lib.unzlibSync(packed)),
      ];
      return [failures, lib.gunzipSync(packed)];
    },
  },
};
