import { declarationFiles, nodeExecutablePart } from '../inputs.js';
import type { Pipeline } from '../pipeline.js';

const MIB = 2 ** 20;
/** Archives hold a time, and two runs have to give the same bytes. */
const FIXED = { mtime: new Date(2000, 0, 1) };

/** Packs text files into a ZIP archive and machine code in gzip and zlib format, and unpacks them. */
export const fflate: Pipeline = {
  library: 'fflate',
  input: 'text, code: zip, gzip, zlib',
  async prepare() {
    const { gunzipSync, gzipSync, unzipSync, unzlibSync, zipSync, zlibSync } = await import(
      'fflate'
    );
    const texts = Object.fromEntries(declarationFiles());
    const code = nodeExecutablePart(MIB);
    return [
      () => {
        const archive = zipSync(texts, FIXED);
        return [archive, ...Object.values(unzipSync(archive))];
      },
      () => {
        const packed = gzipSync(code, FIXED);
        return [packed, gunzipSync(packed)];
      },
      () => {
        const packed = zlibSync(code);
        return [packed, unzlibSync(packed)];
      },
    ];
  },
};
