import { packageFile } from '../inputs.js';
import type { Pipeline } from '../pipeline.js';

const PICTURES = [
  ['img', 'earth-topology.png'],
  ['img', 'earth-water.png'],
  ['preview.png'],
  ['satellites', 'sat-icon.png'],
];
const PAETH_FILTER = 4;

/** Decodes pictures to RGBA and packs them again with a filter on each scanline. */
export const pngjs: Pipeline = {
  library: 'pngjs',
  input: '4 pictures: decode, encode',
  async prepare() {
    const { PNG } = await import('pngjs');
    return PICTURES.map((path) => {
      const file = packageFile('three-globe', 'example', ...path);
      return () => {
        const picture = PNG.sync.read(file);
        return [picture.data, PNG.sync.write(picture, { filterType: PAETH_FILTER })];
      };
    });
  },
};
