import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, run, runOrThrow } from './support/run.js';

// An installation downloads the dependencies. Two tries, because the first may only wake a proxy.
const registryAnswers =
  run('npm', ['view', 'bindings', 'version', '--fetch-retries=1', '--fetch-timeout=5000'])
    .status === 0;
const title = (name: string) =>
  registryAnswers ? name : `${name} (skipped: no package registry answers here)`;

const INSTALL_TIMEOUT = 360_000;

/** Prints whether a constructor captured before the package was required is served by arenas. */
const CAPTURED_FIRST = `
  const Captured = Float64Array;
  const { arena, isArenaArray } = require('arena-pirate');
  console.log(isArenaArray(arena.sync(() => new Captured(1000))));`;

const REQUIRE = `
  const { arena, isArenaArray } = require('arena-pirate');
  console.log(isArenaArray(arena.sync(() => new Float64Array(1000))));`;

const IMPORT = `
  import { arena, isArenaArray } from 'arena-pirate';
  console.log(isArenaArray(arena.sync(() => new Float64Array(1000))));`;

const TYPED_CONSUMER = `
  import { arena, type ArenaOptions, type Release } from 'arena-pirate';
  import 'arena-pirate/register';
  const options: ArenaOptions = { release: 'exit' };
  export const length: number = arena.sync(() => new Float64Array(8).length, options);
  export const pending: Promise<string> = arena(async () => 'done');
  // @ts-expect-error: the release modes are a closed set
  export const release: Release = 'never';`;

let scratch: string;
let tarball: string;

function installInEmptyFolder(name: string, ...options: string[]): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  runOrThrow('npm', ['install', '--no-audit', '--no-fund', ...options, tarball], { cwd: folder });
  return folder;
}

beforeAll(() => {
  if (!registryAnswers) return;
  scratch = mkdtempSync(join(tmpdir(), 'arena-pirate-package-'));
  // Without scripts, because prepack empties dist/ while other test files are loading it.
  const packed = runOrThrow('npm', [
    'pack',
    '--ignore-scripts',
    '--json',
    '--pack-destination',
    scratch,
  ]);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  tarball = join(scratch, filename);
});

afterAll(() => {
  if (registryAnswers) rmSync(scratch, { recursive: true, force: true });
});

describe.skipIf(!registryAnswers)(title('installed in an empty folder'), () => {
  let folder: string;
  const node = (...args: string[]) => runOrThrow(process.execPath, args, { cwd: folder });

  beforeAll(() => {
    folder = installInEmptyFolder('with-scripts');
  }, INSTALL_TIMEOUT);

  it('captures constructors when required', () => {
    expect(node('--eval', REQUIRE)).toBe('true\n');
  });

  it('captures constructors when imported', () => {
    expect(node('--input-type=module', '--eval', IMPORT)).toBe('true\n');
  });

  it.each(['--require', '--import'])('comes before every other module with node %s', (option) => {
    expect(node(option, 'arena-pirate/register', '--eval', CAPTURED_FIRST)).toBe('true\n');
  });

  it('has comments on arena, arena.sync and arena.wrap for editors to show', () => {
    const types = readFileSync(join(folder, 'node_modules/arena-pirate/dist/arena.d.ts'), 'utf8');
    for (const [, comment] of types.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:sync|wrap)?</g,
    )) {
      expect(comment).toMatch(/@param fn[\s\S]*@returns[\s\S]*@throws/);
    }
    expect(types).toMatch(/\*\/\s*</);
    expect(types).toMatch(/ERR_ARENA_SYNC_PROMISE[\s\S]*\*\/\s*sync</);
    expect(types).toMatch(/createServer[\s\S]*\*\/\s*wrap</);
  });

  it.each(['consumer.cts', 'consumer.mts'])('type-checks %s', (file) => {
    writeFileSync(join(folder, file), TYPED_CONSUMER);
    const modules = join(packageRoot, 'node_modules');
    node(
      join(modules, 'typescript/bin/tsc'),
      ...['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'],
      ...['--types', 'node', '--typeRoots', join(modules, '@types'), file],
    );
  });
});

describe.skipIf(!registryAnswers)(title('installed where install scripts are blocked'), () => {
  let folder: string;

  beforeAll(() => {
    folder = installInEmptyFolder('without-scripts', '--ignore-scripts');
  }, INSTALL_TIMEOUT);

  it('throws ERR_ARENA_NOT_BUILT from require and import, naming the command that repairs it', () => {
    const report = '(error) => console.log(error.code, error.message)';
    const fromRequire = `try { require('arena-pirate') } catch (error) { (${report})(error) }`;
    const fromImport = `import('arena-pirate').catch(${report})`;
    for (const code of [fromRequire, fromImport]) {
      const output = runOrThrow(process.execPath, ['--eval', code], { cwd: folder });
      expect(output).toMatch(/^ERR_ARENA_NOT_BUILT .*npx arena-pirate build/);
    }
  });

  it(
    'works after `npx arena-pirate build`',
    () => {
      runOrThrow('npx', ['arena-pirate', 'build'], { cwd: folder });
      expect(runOrThrow(process.execPath, ['--eval', REQUIRE], { cwd: folder })).toBe('true\n');
    },
    INSTALL_TIMEOUT,
  );
});
