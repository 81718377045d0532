import { packageFile } from '../inputs.js';
import type { Pipeline } from '../pipeline.js';

const QUALITY = 80;

/** Decodes a photo to RGBA, with an array for every block of 8×8, and encodes it again. */
export const jpegJs: Pipeline = {
  library: 'jpeg-js',
  input: 'a photo: decode, encode',
  async prepare() {
    const { decode, encode } = await import('jpeg-js');
    const file = packageFile('three-globe', 'example', 'img', 'earth-day.jpg');
    return [
      () => {
        const photo = decode(file);
        return [photo.data, encode(photo, QUALITY).data];
      },
    ];
  },
};
