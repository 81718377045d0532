import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot, runOrThrow } from './support/run.js';

type Module = typeof import('../bench/support/asked-process.js');

let folder: string;
let AskedProcess: Module['AskedProcess'];

beforeAll(() => {
  runOrThrow(process.execPath, ['scripts/setup.mjs', '--only=out']);
  // Compiled, as it finds what it has its processes load beside itself.
  const file = join(packageRoot, 'out/bench/support/asked-process.js');
  ({ AskedProcess } = createRequire(import.meta.url)(file) as Module);
  folder = mkdtempSync(join(tmpdir(), 'arena-pirate-asked-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(source: string): string {
  const file = join(folder, 'program.cjs');
  writeFileSync(file, source);
  return file;
}

it('ends a process of the benchmark that would not end by itself', async () => {
  const file = program(`
    process.on('message', ({ n }) => process.send({ twice: 2 * n }));
    setInterval(() => {}, 1000);
  `);
  const asked = new AskedProcess<{ n: number }, { twice: number }>(file, [], 'a number');
  expect(await asked.ask({ n: 21 })).toEqual({ twice: 42 });
  await asked.stop();
  await expect(asked.ask({ n: 1 })).rejects.toThrow('the process measuring a number ended with');
  await asked.stop();
});

it('says how a process ended that gave no answer', async () => {
  const file = program("process.on('message', () => process.exit(3));");
  const asked = new AskedProcess<object, object>(file, [], 'nothing');
  await expect(asked.ask({})).rejects.toThrow('the process measuring nothing ended with 3');
  await asked.stop();
});
