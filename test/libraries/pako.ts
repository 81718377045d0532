import { code, longText, texts } from './inputs.js';
import { failureOf, type Library, pieces } from './library.js';

type Pako = typeof import('pako');

const Z_FIXED = 4;
const STRATEGIES = [0, 1, 2, 3, Z_FIXED] as const;
const dictionary = Buffer.from('export interface readonly string number '.repeat(20));

// What zlib packs with fixed codes: short data, in any format and at any level.
const warmUp = (lib: Pako) => lib.inflate(lib.deflate(Uint8Array.of(1, 2, 3)));

export const pako: Library<Pako> = {
  name: 'pako',
  load: () => require('pako') as Pako,
  uses: {
    'packs short texts': (lib) =>
      ['', 'a', 'short', 'more and more and more'].map((text) => {
        const packed = lib.deflate(Buffer.from(text));
        return [packed, lib.inflate(packed), lib.inflate(packed, { toText: true } as object)];
      }),
    'compresses and expands in every format': (lib) =>
      [code, ...[...texts.values()].slice(0, 5)].map((file) => {
        const input = Uint8Array.from(file);
        const packed = [lib.deflate(input), lib.deflateRaw(input), lib.gzip(input)] as const;
        return [packed, lib.inflate(packed[0]), lib.inflateRaw(packed[1]), lib.ungzip(packed[2])];
      }),
    'compresses at every level and in every way': (lib) => {
      const input = Uint8Array.from(longText.subarray(0, 10_000));
      return STRATEGIES.flatMap((strategy) =>
        [0, 1, 9].map((level) => {
          const packed = lib.deflate(input, { level, strategy, memLevel: level || 1 } as object);
          return [packed, lib.inflate(packed)];
        }),
      );
    },
    'compresses with a dictionary and a small window': (lib) => {
      const input = Uint8Array.from(longText.subarray(0, 30_000));
      const options = { dictionary: Uint8Array.from(dictionary), windowBits: 9, chunkSize: 1000 };
      const packed = lib.deflate(input, options as object);
      return [packed, lib.inflate(packed, options as object)];
    },
    'streams in reused memory': (lib) => {
      const deflate = new lib.Deflate({ level: 6, chunkSize: 5000 });
      for (const piece of pieces(longText, 3000)) {
        const scratch = Uint8Array.from(piece);
        deflate.push(scratch, false);
        scratch.fill(0xaa);
      }
      deflate.push(new Uint8Array(0), true);
      const packed = deflate.result as Uint8Array;
      const inflate = new lib.Inflate({ chunkSize: 7000 });
      for (const piece of pieces(packed, 800)) inflate.push(Uint8Array.from(piece), false);
      return [deflate.err, packed, inflate.err, inflate.result];
    },
    'goes on after data that is not whole': (lib) => {
      const input = Uint8Array.from(longText);
      const packed = lib.gzip(input);
      const damaged = packed.slice();
      damaged[2000] = (damaged[2000] as number) ^ 0xff;
      const failures = [
        failureOf(() => lib.ungzip(packed.subarray(0, 3000))),
        failureOf(() => lib.ungzip(damaged)),
        failureOf(() => lib.inflateRaw(Uint8Array.from(code))),
        failureOf(() => lib.inflate(Uint8Array.from(code))),
      ];
      return [failures, lib.ungzip(packed)];
    },
  },
  kept: { 'the tables of fixed codes': { sign: 'fixedtables', keep: warmUp, warmUp } },
};
