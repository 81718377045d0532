import { Readable } from 'node:stream';
import type * as Packers from 'msgpackr';
import { code, countries, longText, numbers, outlines } from './inputs.js';
import { contentOf, failureOf, type Library, pieces } from './library.js';

type Msgpackr = typeof Packers;

class Place {
  constructor(
    readonly name: string,
    readonly area: Uint8Array,
  ) {}
}

function value(count: number): unknown {
  return countries.slice(0, count).map((facts, i) => ({
    ...facts,
    outline: (outlines[i] ?? []).slice(0, 12),
    picture: Buffer.from(code.subarray(100 * i, 100 * i + 20 * (i % 20))),
  }));
}

export const msgpackr: Library<Msgpackr> = {
  name: 'msgpackr',
  load: () => require('msgpackr') as Msgpackr,
  uses: {
    'packs and unpacks': (lib) =>
      [1, 5, 25].map((count) => {
        const packed = lib.pack(value(count));
        return [Uint8Array.from(packed), lib.unpack(packed)];
      }),
    'packs records that share their structure': (lib) => {
      const structures: object[] = [];
      const packr = new lib.Packr({ structures } as object);
      const packed = countries.slice(0, 50).map((facts) => Uint8Array.from(packr.pack(facts)));
      const reader = new lib.Packr({ structures } as object);
      return [packed, packed.map((bytes) => reader.unpack(bytes)), structures.length];
    },
    'packs large values': (lib) => {
      const large = {
        text: longText.toString(),
        lines: longText.toString().split('\n'),
        code: Buffer.from(code),
      };
      // Copied, because it lies somewhere in the memory that the library packs in.
      const packed = Buffer.from(lib.pack(large));
      return [packed, lib.unpack(packed)];
    },
    'bundles strings': (lib) => {
      const packr = new lib.Packr({ bundleStrings: true, useRecords: false });
      const packed = packr.pack(value(12));
      return [Uint8Array.from(packed), packr.unpack(packed)];
    },
    'keeps types and references': (lib) => {
      const packr = new lib.Packr({ moreTypes: true, structuredClone: true });
      const shared = Float64Array.from((numbers.get('POP_EST') as number[]).slice(0, 50));
      const packed = packr.pack({
        shared,
        again: shared,
        bytes: Uint8Array.from(code.subarray(0, 300)),
        halves: Uint16Array.from(code.subarray(0, 100)),
        buffer: new Float32Array(40).fill(2).buffer,
        map: new Map<unknown, unknown>([
          [1, new Set(['a', 'b'])],
          ['k', new Date(0)],
        ]),
        error: new TypeError('wrong'),
        pattern: /a+b/gi,
        large: 2n ** 60n,
      });
      const unpacked = packr.unpack(packed) as Record<string, unknown>;
      return [Uint8Array.from(packed), unpacked, unpacked.shared === unpacked.again];
    },
    'keeps numbers exactly or short': (lib) => {
      const measured = outlines.slice(0, 2).flat(2);
      return [0, 1, 2, 3, 4].map((useFloat32) => {
        const packr = new lib.Packr({ useFloat32 } as object);
        const packed = packr.pack(measured);
        return [Uint8Array.from(packed), packr.unpack(packed)];
      });
    },
    'packs classes by an extension': (lib) => {
      lib.addExtension({
        Class: Place as never,
        type: 11,
        pack: (place: Place) =>
          Buffer.concat([Buffer.from([place.name.length]), Buffer.from(place.name), place.area]),
        unpack(bytes: Uint8Array) {
          const end = 1 + (bytes[0] as number);
          return new Place(
            Buffer.from(bytes.subarray(1, end)).toString(),
            Uint8Array.from(bytes.subarray(end)),
          );
        },
      } as never);
      const packed = lib.pack(
        [1, 2, 3].map((i) => new Place(`place ${i}`, code.subarray(0, 200 * i))),
      );
      return [
        Uint8Array.from(packed),
        (lib.unpack(packed) as Place[]).map(({ name, area }) => [name, area]),
      ];
    },
    'unpacks several values': (lib) => {
      const packr = new lib.Packr({ useRecords: false });
      const bytes = Buffer.concat([1, 2, 3].map((count) => Buffer.from(packr.pack(value(count)))));
      const seen: unknown[] = [];
      packr.unpackMultiple(bytes, (one: unknown) => void seen.push(one));
      return [seen, (lib.unpackMultiple(bytes) as unknown[]).length];
    },
    'streams values': async (lib) => {
      const options = { useRecords: true, objectMode: true } as object;
      const packed = await contentOf(
        Readable.from(countries.slice(0, 60)).pipe(new lib.PackrStream()),
      );
      const unpacked: unknown[] = [];
      const reader = Readable.from(pieces(packed, 500).map((piece) => Buffer.from(piece)));
      for await (const one of reader.pipe(new lib.UnpackrStream(options))) unpacked.push(one);
      return [packed, unpacked];
    },
    'goes on after bytes that are no values': (lib) => {
      const packed = Uint8Array.from(lib.pack(value(12)));
      return [
        failureOf(() => lib.unpack(packed.subarray(0, 900))),
        failureOf(() => lib.unpack(Buffer.alloc(100, 0xc1))),
        failureOf(() =>
          lib.pack({
            first: 'x'.repeat(9000),
            get bad() {
              throw new Error('no value');
            },
          }),
        ),
        failureOf(() => lib.unpack(Buffer.concat([packed, packed]))),
        lib.unpack(packed),
      ];
    },
  },
  kept: {
    'the memory that it packs in': {
      sign: 'ByteArrayAllocate',
      keep: (lib) => Uint8Array.from(lib.pack(countries[3])),
    },
  },
  notForExit: 'all',
};
