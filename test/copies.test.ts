// Two copies of the package in one tree, as package managers may leave them.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, runOrThrow } from './support/run.js';

const manifest = createRequire(import.meta.url)('arena-pirate/package.json') as { version: string };
const [major, minor, patch] = manifest.version.split('.').map(Number) as [number, number, number];

let tree: string;

function copyPackage(name: string, version: string): void {
  const folder = join(tree, name);
  mkdirSync(join(folder, 'build/Release'), { recursive: true });
  cpSync(join(packageRoot, 'dist'), join(folder, 'dist'), { recursive: true });
  const addon = 'build/Release/arena_pirate.node';
  cpSync(join(packageRoot, addon), join(folder, addon));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version }));
}

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'arena-pirate-copies-'));
  symlinkSync(join(packageRoot, 'node_modules'), join(tree, 'node_modules'));
  copyPackage('first', manifest.version);
  copyPackage('second', manifest.version);
  copyPackage('newer', `${major}.${minor}.${patch + 7}`);
  copyPackage('incompatible', `${major + 1}.0.0`);
  copyPackage('nextMinor', `${major}.${minor + 1}.0`);
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** Runs code in the tree and returns what it prints. */
function answer(code: string, ...flags: string[]): unknown {
  const source = `const print = (value) => console.log(JSON.stringify(value) ?? 'null'); ${code}`;
  return JSON.parse(runOrThrow(process.execPath, [...flags, '--eval', source], { cwd: tree }));
}

describe.each(['second', 'newer'])('a %s copy of a compatible version', (copy) => {
  it('has the functions of the first', () => {
    const same = answer(`const first = require('./first'); const other = require('./${copy}');
      print([other !== first, ...Object.keys(first).map((name) => other[name] === first[name]),
             Object.keys(other).length - Object.keys(first).length])`) as unknown[];
    expect(same).toEqual([true, ...new Array(same.length - 2).fill(true), 0]);
    expect(same.length).toBeGreaterThan(8);
  });

  it('replaces no constructor again', () => {
    const changed = answer(`require('./first');
      const names = Object.getOwnPropertyNames(globalThis).filter((name) => /Array|Buffer/.test(name));
      const before = names.map((name) => globalThis[name]);
      const { from } = Buffer; const { toString } = Function.prototype;
      require('./${copy}');
      print([names.filter((name, i) => globalThis[name] !== before[i]), from === Buffer.from,
             toString === Function.prototype.toString])`);
    expect(changed).toEqual([[], true, true]);
  });

  it('opens scopes that the first one knows', () => {
    const depths = answer(`const first = require('./first'); const other = require('./${copy}');
      print(other.arena.sync(() => first.arena.sync(() => [other.currentArena().depth,
        first.isArenaArray(new Float64Array(100)), other.isArenaArray(new Float64Array(100))])))`);
    expect(depths).toEqual([2, true, true]);
  });

  it('can be uninstalled through either', () => {
    const captured = answer(`const Original = Float64Array;
      const first = require('./first'); const other = require('./${copy}');
      other.uninstall(); print(Original === Float64Array)`);
    expect(captured).toBe(true);
  });

  it('has the functions of the first when imported', () => {
    const same = answer(
      `const first = await import('./first/dist/index.mjs');
       const other = await import('./${copy}/dist/index.mjs');
       print([first.arena === other.arena, first.stats === other.stats])`,
      '--input-type=module',
    );
    expect(same).toEqual([true, true]);
  });

  it('changes nothing as a preloaded register either', () => {
    const ours = answer(
      `const first = require('./first'); print(first.arena.sync(() => first.isArenaArray(new Float64Array(100))))`,
      ...['--require', './first/dist/register.js', '--require', `./${copy}/dist/register.js`],
      ...['--import', `./${copy}/dist/register.mjs`],
    );
    expect(ours).toBe(true);
  });
});

const incompatible = major === 0 ? ['incompatible', 'nextMinor'] : ['incompatible'];

describe.each(incompatible)('a copy of another version (%s)', (copy) => {
  it('refuses to load with ERR_ARENA_DUPLICATE, which names both versions and both places', () => {
    const { code, name, message } = answer(`require('./first');
      try { require('./${copy}'); } catch ({ code, name, message }) { print({ code, name, message }); }`) as Error & {
      code: string;
    };
    expect([code, name]).toEqual(['ERR_ARENA_DUPLICATE', 'ArenaError']);
    expect(message).toContain(` ${manifest.version} in `);
    expect(message).toContain(join(tree, 'first'));
    expect(message).toContain(join(tree, copy));
    expect(message).toMatch(/arena-pirate \d+\.\d+\.0 in/);
  });

  it('rejects an import with the same error', () => {
    const code = answer(
      `await import('./first/dist/index.mjs');
       await import('./${copy}/dist/index.mjs').catch(({ code }) => print(code))`,
      '--input-type=module',
    );
    expect(code).toBe('ERR_ARENA_DUPLICATE');
  });

  it('leaves the first one working', () => {
    const works = answer(`const { arena, isArenaArray } = require('./first');
      const First = Float64Array;
      try { require('./${copy}'); } catch {}
      print([First === Float64Array, arena.sync(() => isArenaArray(new Float64Array(100)))])`);
    expect(works).toEqual([true, true]);
  });

  it('refuses again when it is required again', () => {
    const codes = answer(`require('./first'); const codes = [];
      for (let i = 0; i < 2; i++) try { require('./${copy}'); } catch (error) { codes.push(error.code); }
      print(codes)`);
    expect(codes).toEqual(['ERR_ARENA_DUPLICATE', 'ERR_ARENA_DUPLICATE']);
  });

  it('is the first one itself where it is loaded first', () => {
    const codes = answer(`const { arena, isArenaArray } = require('./${copy}');
      let code; try { require('./first'); } catch (error) { ({ code } = error); }
      print([code, arena.sync(() => isArenaArray(new Float64Array(100)))])`);
    expect(codes).toEqual(['ERR_ARENA_DUPLICATE', true]);
  });

  it('works in a thread of its own', () => {
    const works = answer(`require('./first');
      const { Worker } = require('worker_threads');
      new Worker(\`const { arena, isArenaArray } = require(\${JSON.stringify(require.resolve('./${copy}'))});
        require('worker_threads').parentPort.postMessage(
          arena.sync(() => isArenaArray(new Float64Array(100))));\`, { eval: true }).on('message', print)`);
    expect(works).toBe(true);
  });
});
