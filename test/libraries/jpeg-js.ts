import { photo } from './inputs.js';
import { failureOf, type Library } from './library.js';

type JpegJs = typeof import('jpeg-js');

const START_OF_FRAME = 0xffc0;

// Decoding all of it takes half a second: the file says that it has fewer lines.
function topOf(file: Buffer, lines: number): Buffer {
  const copy = Buffer.from(file);
  let at = 2;
  while (copy.readUInt16BE(at) !== START_OF_FRAME) at += 2 + copy.readUInt16BE(at + 2);
  copy.writeUInt16BE(lines, at + 5);
  return copy;
}

function described(picture: { width: number; height: number; data: Uint8Array }): unknown[] {
  return [picture.width, picture.height, picture.data];
}

export const jpegJs: Library<JpegJs> = {
  name: 'jpeg-js',
  load: () => require('jpeg-js') as JpegJs,
  uses: {
    'decodes a photo and encodes it': (lib) => {
      const picture = lib.decode(topOf(photo, 16));
      const file = lib.encode(picture, 80).data;
      return [described(picture), file, described(lib.decode(file))];
    },
    'decodes in every format': (lib) => {
      const file = topOf(photo, 8);
      return [true, false].flatMap((useTArray) =>
        [true, false].flatMap((formatAsRGBA) =>
          [true, false].map((colorTransform) =>
            described(
              lib.decode(file, { useTArray: useTArray as false, formatAsRGBA, colorTransform }),
            ),
          ),
        ),
      );
    },
    'encodes in all qualities': (lib) => {
      const picture = lib.decode(topOf(photo, 8), { useTArray: true });
      return [1, 90].map((quality) => lib.encode(picture, quality).data);
    },
    'keeps comments': (lib) => {
      const picture = { ...lib.decode(topOf(photo, 8)), comments: ['first', 'x'.repeat(300)] };
      const again = lib.decode(lib.encode(picture, 50).data);
      return [again.comments, described(again)];
    },
    'goes on after files that are not whole': (lib) => {
      const file = topOf(photo, 16);
      const failures = [
        failureOf(() => lib.decode(file.subarray(0, 5000), { tolerantDecoding: false })),
        failureOf(() => lib.decode(file.subarray(0, 500))),
        failureOf(() => lib.decode(Buffer.alloc(1000, 'no photo'))),
        failureOf(() => lib.decode(file, { maxMemoryUsageInMB: 0.1 })),
        failureOf(() => lib.decode(photo, { maxResolutionInMP: 1 })),
      ];
      return [failures, described(lib.decode(file))];
    },
  },
};
