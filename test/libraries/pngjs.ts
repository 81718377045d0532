import { PassThrough, Readable } from 'node:stream';
import type { PNG, PNGWithMetadata } from 'pngjs';
import { icon, screenshot } from './inputs.js';
import { contentOf, failureOf, type Library, pieces } from './library.js';

type Pngjs = typeof import('pngjs');

function decode({ PNG }: Pngjs, file: Buffer): PNGWithMetadata {
  return PNG.sync.read(Buffer.from(file));
}

function described(picture: PNG): unknown[] {
  const { width, height, gamma, data } = picture;
  return [width, height, gamma, data];
}

function crop({ PNG }: Pngjs, picture: PNG, width: number, height: number): PNG {
  const part = new PNG({ width, height });
  PNG.bitblt(picture, part, picture.width >> 2, picture.height >> 2, width, height, 0, 0);
  return part;
}

function damagedIcon(): Buffer {
  const damaged = Buffer.from(icon);
  damaged[5000] = (damaged[5000] as number) ^ 0xff;
  return damaged;
}

/** What the first callback of an asynchronous parse says. */
function parseFailure({ PNG }: Pngjs, file: Buffer): Promise<string | undefined> {
  return new Promise((resolve) => new PNG().parse(file, (error) => resolve(error?.message)));
}

export const pngjs: Library<Pngjs> = {
  name: 'pngjs',
  load: () => require('pngjs') as Pngjs,
  uses: {
    'decodes and encodes': (lib) => {
      const picture = decode(lib, icon);
      const file = lib.PNG.sync.write(picture, { filterType: 4 });
      return [described(picture), file, described(lib.PNG.sync.read(file))];
    },
    'decodes a larger picture': (lib) => described(decode(lib, screenshot)),
    'encodes in every way there is': (lib) => {
      const picture = crop(lib, decode(lib, icon), 60, 50);
      return [0, 2, 4, 6].flatMap((colorType) =>
        [-1, 0, 1, 2, 3, 4].map((filterType) => {
          const options = { colorType, filterType } as const;
          const file = lib.PNG.sync.write(picture, { ...options, bgColor: { red: 9 } } as object);
          return [file, described(lib.PNG.sync.read(file))];
        }),
      );
    },
    'reads and writes 16 bits a sample': (lib) => {
      const data = new Uint16Array(4 * 80 * 60).map((_, i) => (i * 2654435761) >>> 8);
      const options = { bitDepth: 16, inputColorType: 6, colorType: 6 } as const;
      const file = lib.PNG.sync.write(
        Object.assign(new lib.PNG({ width: 80, height: 60 }), { data: Buffer.from(data.buffer) }),
        options,
      );
      const read = lib.PNG.sync.read(file, { skipRescale: true } as object);
      return [file, described(read)];
    },
    'parses and packs streams': async (lib) => {
      const source = Readable.from(pieces(Buffer.from(icon), 4000));
      const picture = await new Promise<PNG>((resolve, reject) => {
        const parser = new lib.PNG({ filterType: 1 });
        source
          .pipe(parser)
          .on('parsed', () => resolve(parser))
          .on('error', reject);
      });
      return [described(picture), await contentOf(picture.pack().pipe(new PassThrough()))];
    },
    'copies parts and adjusts gamma': (lib) => {
      const part = crop(lib, decode(lib, icon), 100, 100);
      part.gamma = 0.4;
      part.adjustGamma();
      return described(part);
    },
    'goes on after files that are not whole': (lib) => {
      const failures = [
        failureOf(() => lib.PNG.sync.read(Buffer.from(icon.subarray(0, 20_000)))),
        failureOf(() => lib.PNG.sync.read(damagedIcon())),
        failureOf(() => lib.PNG.sync.read(Buffer.from('no picture '.repeat(20)))),
      ];
      return [failures, described(decode(lib, icon))];
    },
    'goes on after streams that are not whole': async (lib) => [
      await parseFailure(lib, damagedIcon()),
      await parseFailure(lib, Buffer.from(icon.subarray(0, 20_000))),
      await parseFailure(lib, Buffer.from('no picture '.repeat(20))),
      described(decode(lib, icon)),
    ],
  },
};
