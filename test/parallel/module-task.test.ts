import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mtMapArena } from 'arena-pirate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, runOrThrow } from '../support/run.js';

describe('a module as a task', () => {
  const FILES: Record<string, string> = {
    'task.mjs': `export default (x, i) => ['default', x, i]; export const named = (x) => ['named', x];
      export async function waits(x) { await null; return ['waits', x]; } export const text = 'text';`,
    'function.cjs': `module.exports = (x) => ['cjs', x];`,
    'object.cjs': `const hidden = { late: (x) => ['late', x] };
      module.exports = { ...hidden, default: (x) => ['cjs default', x] };`,
    'transpiled.cjs': `Object.defineProperty(exports, '__esModule', { value: true });
      exports.default = (x) => ['transpiled', x]; exports.other = (x) => ['other', x];`,
    'order.mjs': `const Early = Float64Array; import { isArenaArray } from 'arena-pirate';
      export default () => isArenaArray(new Early(1000));`,
    'capture.cjs': `const Early = Float64Array;
      module.exports = () => require('arena-pirate').isArenaArray(new Early(1000));`,
    'throws.mjs': `throw new RangeError('no such luck');`,
    'syntax.mjs': `export default function (`,
    'node_modules/packed/package.json': '{"name": "packed", "main": "main.cjs"}',
    'node_modules/packed/main.cjs': `module.exports = (x) => ['packed', x];`,
  };
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'arena-pirate-tasks-'));
    mkdirSync(join(folder, 'node_modules/packed'), { recursive: true });
    symlinkSync(packageRoot, join(folder, 'node_modules/arena-pirate'));
    for (const [name, source] of Object.entries(FILES)) writeFileSync(join(folder, name), source);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const at = (file: string) => join(folder, file);
  const urlOf = (file: string) => pathToFileURL(at(file));

  it.each<[string, () => Parameters<typeof mtMapArena>[1], unknown]>([
    ['the absolute path of an ES module', () => at('task.mjs'), ['default', 7, 0]],
    ['its URL', () => urlOf('task.mjs'), ['default', 7, 0]],
    ['its URL as a string', () => urlOf('task.mjs').href, ['default', 7, 0]],
    ['a named export', () => ({ module: at('task.mjs'), name: 'named' }), ['named', 7]],
    ['an asynchronous one', () => ({ module: urlOf('task.mjs'), name: 'waits' }), ['waits', 7]],
    ['module.exports', () => at('function.cjs'), ['cjs', 7]],
    ['a default member', () => at('object.cjs'), ['cjs default', 7]],
    ['a member made late', () => ({ module: at('object.cjs'), name: 'late' }), ['late', 7]],
    ['a transpiled default export', () => at('transpiled.cjs'), ['transpiled', 7]],
    ['a transpiled export', () => ({ module: at('transpiled.cjs'), name: 'other' }), ['other', 7]],
    ['an ES module that captures constructors', () => at('order.mjs'), true],
    ['a CommonJS module that captures them', () => at('capture.cjs'), true],
  ])('can be %s', async (_name, task, result) => {
    const results = await mtMapArena([7], task() as string, { threads: 1 });
    expect(results).toEqual([result]);
  });

  it('is looked for in the working directory and among the packages there', () => {
    const program = `
      const { mtMapArena } = require('arena-pirate');
      Promise.all(['./task.mjs', 'task.mjs', 'packed'].map((module) => mtMapArena([7], module)))
        .then((results) => console.log(JSON.stringify(results.flat(2))));`;
    const answer = runOrThrow(process.execPath, ['--eval', program], { cwd: folder });
    expect(answer).toBe('["default",7,0,"default",7,0,"packed",7]\n');
  });

  it.each<[string, () => Parameters<typeof mtMapArena>[1], RegExp]>([
    [
      'there is no such file',
      () => at('none.mjs'),
      /cannot be found: there is no file .*none\.mjs/,
    ],
    ['there is no such URL', () => urlOf('none.mjs'), /cannot be found: there is no file/],
    ['there is no such package', () => 'no-such-package', /neither a file of .* nor a package/],
    ['its URL is of another kind', () => new URL('https://x.test/'), /it is no file: URL/],
    [
      'there is no such export',
      () => ({ module: at('task.mjs'), name: 'none' }),
      /^Expected a function as export 'none' of .*, which exports default, named, text, waits/,
    ],
    [
      'the export is no function',
      () => ({ module: at('task.mjs'), name: 'text' }),
      /^Expected a function as export 'text'/,
    ],
    [
      'there is no default export',
      () => at('node_modules/arena-pirate/dist/options.js'),
      /^Expected a function as the default export of .* Name the export: \{ module, name \}/,
    ],
    [
      'it throws',
      () => at('throws.mjs'),
      /^The module .*throws\.mjs cannot be loaded: no such luck/,
    ],
    [
      'it does not parse',
      () => at('syntax.mjs'),
      /^The module .*syntax\.mjs cannot be loaded: Unexp/,
    ],
  ])('is refused when %s', async (_name, task, message) => {
    await expect(mtMapArena([7], task() as string, { threads: 1 })).rejects.toMatchObject({
      name: 'ArenaError',
      code: 'ERR_ARENA_TASK_NOT_LOADED',
      message: expect.stringMatching(message),
    });
  });

  it('that throws while it is loaded rejects with that as the cause', async () => {
    const error = await mtMapArena([7], at('throws.mjs'), { threads: 1 }).catch((e) => e);
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause.message).toBe('no such luck');
    expect(error.cause.stack).toContain('throws.mjs');
  });
});
