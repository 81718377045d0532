import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arena, isArenaArray } from 'arena-pirate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild } from './support/child.js';
import { type AnyConstructor, typedArrayNames, typedArrays } from './support/kinds.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { packageRoot, runOrThrow } from './support/run.js';

type Answer = [bytes: Buffer, length: number];

let reader: Record<
  'typedArray' | 'buffer' | 'arrayBuffer' | 'dataView',
  (value: object) => Answer
> & {
  increment(array: Uint8Array): void;
};
let folder: string;

const require = createRequire(import.meta.url);

/** Compiles an addon of test/support. @returns where it is */
function compile(name: string): string {
  const path = join(folder, `${name}.node`);
  const flags =
    process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
  runOrThrow('cc', [
    ...flags,
    '-fPIC',
    '-O1',
    '-pthread',
    `-I${require('node-api-headers').include_dir}`,
    '-o',
    path,
    join(packageRoot, `test/support/${name}.c`),
  ]);
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arena-pirate-addon-'));
  reader = require(compile('reader'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['collected', 'exit'] as const)("a native addon in '%s' scopes", (release) => {
  const inScope = (fn: () => void) => arena.sync(fn, { release });

  it.each(typedArrayNames)('reads the elements of a %s and of parts of it', (name) => {
    inScope(() => {
      const Maker = typedArrays[name] as AnyConstructor;
      const size = Maker.BYTES_PER_ELEMENT;
      new Uint8Array(777).fill(0xee);
      const array = new Maker(100) as Uint8Array;
      expect(isArenaArray(array)).toBe(true);
      fillPattern(new Uint8Array(array.buffer), 3);
      const parts = [
        { part: array, from: 0, to: 100 },
        { part: array.subarray(7, 90), from: 7, to: 90 },
        { part: array.subarray(7).subarray(1), from: 8, to: 100 },
        { part: new Maker(array.subarray(5)), from: 5, to: 100 },
      ];
      for (const { part, from, to } of parts) {
        const [bytes, length] = reader.typedArray(part);
        expect([length, bytes.length]).toEqual(Array(2).fill((to - from) * size));
        if (!name.startsWith('Float')) expect(holdsPattern(bytes, 3 + from * size)).toBe(true);
      }
    });
  });

  it('reads Buffers, ArrayBuffers and DataViews', () => {
    inScope(() => {
      for (const size of [100, 5000, 3_000_000]) {
        const buffer = fillPattern(Buffer.alloc(size), 5);
        expect(isArenaArray(buffer)).toBe(true);
        const part = buffer.subarray(10, 60);
        const { buffer: whole } = buffer;
        const view = new DataView(whole, 20, 30);
        const answers: [Answer, number, number][] = [
          [reader.buffer(buffer), size, 5],
          [reader.buffer(part), 50, 15],
          [reader.arrayBuffer(whole), size, 5],
          [reader.dataView(view), 30, 25],
        ];
        for (const [[bytes, told], length, seed] of answers) {
          expect([told, bytes.length]).toEqual([length, length]);
          expect(holdsPattern(bytes, seed)).toBe(true);
        }
      }
    });
  });

  it('writes to the array and to nothing beside it', () => {
    inScope(() => {
      const arrays = [1, 2, 3].map(() => new Uint8Array(100).fill(7));
      reader.increment(arrays[1] as Uint8Array);
      expect(arrays.map((array) => [...new Set(array)])).toEqual([[7], [8], [7]]);
    });
  });
});

describe.each(['main thread', 'worker'])('a native addon in a %s', (where) => {
  it.each(['before', 'after'])(
    'that was loaded %s arena-pirate uses a Buffer to its own end',
    async (when) => {
      const names = [compile('holder'), 'arena-pirate'];
      if (when === 'after') names.reverse();
      const program = `
        const loaded = Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, require(name)]));
        const { arena, isArenaArray } = loaded['arena-pirate'];
        const buffer = arena.sync(() => Buffer.alloc(500_000, 7));
        loaded[${JSON.stringify(join(folder, 'holder.node'))}](buffer);
        require('node:fs').writeSync(3, String(isArenaArray(buffer)));`;
      const source =
        where === 'worker'
          ? `new (require('node:worker_threads').Worker)(${JSON.stringify(program)}, { eval: true })`
          : program;
      const { status, signal, answer } = await runChild([process.execPath, '--eval', source]);
      expect({ status, signal, answer }).toEqual({ status: 0, signal: null, answer: 'true' });
    },
  );
});
