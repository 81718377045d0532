import { packageFile } from '../../../examples/demo/inputs.js';
import type { App } from './app.js';
import { resize } from './resize.js';

const SIDE = 256;
const THUMBNAIL = 128;
const PICTURES = 8;

/** Thumbnails of pieces of a map of the Earth. */
export const pictures: App = {
  name: 'PNG server',
  about: `pngjs decodes ${SIDE}×${SIDE} pixels and encodes them, resized, as ${THUMBNAIL}×${THUMBNAIL}`,
  requests: PICTURES,

  async prepare() {
    const { PNG } = await import('pngjs');
    const map = PNG.sync.read(packageFile('three-globe', 'example', 'img', 'earth-topology.png'));
    const files = Array.from({ length: PICTURES }, (_, i) => {
      const piece = new PNG({ width: SIDE, height: SIDE });
      PNG.bitblt(map, piece, i * SIDE, (i % 4) * SIDE, SIDE, SIDE, 0, 0);
      return PNG.sync.write(piece);
    });
    return (request) => {
      const thumbnail = new PNG({ width: THUMBNAIL, height: THUMBNAIL });
      resize(PNG.sync.read(files[request] as Buffer), thumbnail);
      return PNG.sync.write(thumbnail);
    };
  },
};
