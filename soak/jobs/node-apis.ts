import { createHash, webcrypto } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Context, Job } from '../job.js';
import { fill, holds } from '../reference.js';

const deflate = promisify(zlib.deflate);
const inflate = promisify(zlib.inflate);

const CHUNK = 50_000;

let folder: string;
let files = 0;

async function compress({ length, random, check }: Context): Promise<void> {
  const seed = Math.floor(random() * 2 ** 16);
  const input = fill(Buffer.alloc(length()), seed);
  check(holds(await inflate(await deflate(input, { level: 1 })), seed), 'zlib changed bytes');
  const chunks = Array.from({ length: Math.ceil(input.length / CHUNK) }, (_, i) =>
    Buffer.from(input.subarray(i * CHUNK, (i + 1) * CHUNK)),
  );
  const piped = Readable.from(chunks)
    .pipe(zlib.createGzip({ level: 1 }))
    .pipe(zlib.createGunzip());
  check(holds(await buffer(piped), seed), 'a stream of zlib changed bytes');
}

async function digest({ length, random, check }: Context): Promise<void> {
  const input = fill(new Uint8Array(length()), Math.floor(random() * 2 ** 16));
  const expected = createHash('sha256').update(input).digest();
  const found = new Uint8Array(await webcrypto.subtle.digest('SHA-256', input));
  check(expected.equals(found), 'crypto.subtle saw other bytes');
}

async function writeAndRead({ length, random, check }: Context): Promise<void> {
  const seed = Math.floor(random() * 2 ** 16);
  const input = fill(Buffer.alloc(length()), seed);
  const path = join(folder, String(files++));
  const file = await open(path, 'wx+');
  try {
    await file.write(input, 0, input.length, 0);
    const output = Buffer.alloc(input.length);
    await file.read(output, 0, output.length, 0);
    check(holds(output, seed), 'a file changed bytes');
    const part = Buffer.allocUnsafe(input.length >> 1);
    await file.read(part, 0, part.length, 0);
    check(holds(part, seed), 'a file changed the first bytes');
  } finally {
    await file.close();
    await rm(path);
  }
}

/** zlib, crypto and files, all of which work on arrays while the event loop goes on. */
export const nodeApis: Job = {
  name: 'Node APIs',
  start: async () => {
    folder = await mkdtemp(join(tmpdir(), 'arena-pirate-soak-'));
  },
  run: async (context) => {
    const choice = context.random();
    await (choice < 0.4 ? compress : choice < 0.7 ? digest : writeAndRead)(context);
  },
  stop: () => rm(folder, { recursive: true, force: true }),
};
