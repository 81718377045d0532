import { declarationFiles, nodeExecutablePart } from '../inputs.js';
import type { Pipeline } from '../pipeline.js';

const MIB = 2 ** 20;

/** Deflates and inflates text files and machine code, each on its own. */
export const pako: Pipeline = {
  library: 'pako',
  input: 'text, code: deflate, inflate',
  async prepare() {
    const { deflate, inflate } = await import('pako');
    const files = [...declarationFiles().values(), nodeExecutablePart(MIB)];
    return files.map((file) => () => {
      const packed = deflate(file);
      return [packed, inflate(packed)];
    });
  },
};
