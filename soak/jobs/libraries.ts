import { noArena } from 'arena-pirate';
import * as fflate from 'fflate';
import * as pako from 'pako';
import { PNG } from 'pngjs';
import type { Context, Job } from '../job.js';
import { fill, holds } from '../reference.js';

const LONGEST = 300_000;

function png({ random, check }: Context): void {
  const seed = Math.floor(random() * 2 ** 16);
  const image = new PNG({ width: 64 + Math.floor(random() * 64), height: 64 });
  fill(image.data, seed);
  const decoded = PNG.sync.read(PNG.sync.write(image, { deflateLevel: 1 }));
  check(holds(decoded.data, seed), 'pngjs changed pixels');
}

function deflate({ random, length, check }: Context): void {
  const seed = Math.floor(random() * 2 ** 16);
  const input = fill(new Uint8Array(Math.min(length(), LONGEST)), seed);
  check(holds(pako.inflate(pako.deflate(input, { level: 1 })), seed), 'pako changed bytes');
  check(
    holds(fflate.gunzipSync(fflate.gzipSync(input, { level: 1 })), seed),
    'fflate changed bytes',
  );
  check(
    holds(pako.ungzip(fflate.gzipSync(input, { level: 1 })), seed),
    'pako reads other bytes than fflate wrote',
  );
}

const use = async (context: Context) => (context.random() < 0.4 ? png : deflate)(context);

/** Libraries that have never heard of arenas. */
export const libraries: Job = {
  name: 'libraries',
  // They build tables at first use, pako one more when it first meets a block with fixed codes, as
  // short inputs have. An 'exit' scope must not own these.
  start: async () => {
    const context: Context = { random: () => 0, length: () => 1000, check: () => {} };
    noArena(() => {
      png(context);
      deflate(context);
      pako.inflate(pako.deflate(new Uint8Array(20)));
    });
  },
  run: use,
};
