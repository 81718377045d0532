import { createHash } from 'node:crypto';

/** Hashes results as they come, so that no output has to be kept for a comparison. */
export class Digest {
  readonly #hash = createHash('sha256');

  add(views: readonly NodeJS.ArrayBufferView[]): void {
    for (const view of views) {
      // The length goes in too: [ab, c] and [a, bc] are different outputs.
      this.#hash.update(`${view.byteLength}:`).update(view);
    }
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}
