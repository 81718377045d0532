// Modules that are loaded for the first time inside a scope: what they make is theirs, not the
// scope's.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Release } from 'arena-pirate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, runOrThrow } from './support/run.js';
import { SERVES_ARRAY_BUFFERS } from './support/served.js';

const RELEASES: readonly Release[] = ['collected', 'exit'];
const REQUIRES_MODULES = (process.features as { require_module?: boolean }).require_module === true;

const MADE = `{
  array: new Float64Array(100).fill(7), copy: new Uint8Array([1, 2, 3].concat(Array(100).fill(7))),
  buffer: Buffer.alloc(100, 7), text: Buffer.from('x'.repeat(800)), joined: Buffer.concat([Buffer.alloc(300, 7)]),
  large: new ArrayBuffer(2 ** 21), sub: new (class Sub extends Int8Array {})(100),
}`;

const FILES: Record<string, string> = {
  'plain.cjs': `exports.made = ${MADE}; exports.later = () => (${MADE});`,
  'nested.cjs': `exports.before = ${MADE}; exports.inner = require('./plain.cjs'); exports.made = ${MADE};`,
  'throws.cjs': `globalThis.leaked = ${MADE}; throw new Error('while loading');`,
  'with-scope.cjs': `const { arena, isArenaArray } = require('arena-pirate');
    exports.inScope = arena.sync(() => isArenaArray(new Float64Array(100))); exports.made = ${MADE};`,
  'lazy.cjs': `let table; exports.use = () => (table ??= require('./plain.cjs').made.array)[3];
    exports.table = () => table;`,
  'data.json': '{"some": "json"}',
  'typed/package.json': '{"type": "commonjs"}',
  'typed/index.js': `exports.made = ${MADE};`,
  'module.mjs': `export const made = ${MADE}; export const later = () => (${MADE});`,
  'imports.mjs': `import { made as inner } from './module.mjs'; import cjs from './plain.cjs';
    export const made = ${MADE}; export { inner, cjs };`,
  'starts.mjs': `let made; const init = async () => { await 1; return ${MADE}; };
    class Holder { static made = ${MADE}; }
    export const late = await init(); export const { made: inClass } = Holder;`,
  'opens.mjs': `import { arena, currentArena, isArenaArray } from 'arena-pirate';
    export const outside = currentArena();
    export const inScope = arena.sync(() => isArenaArray(new Float64Array(100)));
    export const after = await arena(async () => { await 1; return isArenaArray(new Float64Array(100)); });
    export const made = ${MADE};`,
  'begins.cjs': `exports.ready = (async () => { await 1; exports.late = ${MADE}; await null; exports.later = ${MADE}; })();`,
  'awaits.mjs': `export const before = ${MADE}; await 1; export const made = ${MADE};`,
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arena-pirate-modules-'));
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'typed'));
  symlinkSync(packageRoot, join(folder, 'node_modules/arena-pirate'));
  for (const [name, source] of Object.entries(FILES)) writeFileSync(join(folder, name), source);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs code with `ours(made)`, the names of what lies in arenas, and returns what it prints. */
function answer(code: string, ...flags: string[]): unknown {
  const source = `
    const { arena, noArena, isArenaArray, currentArena } = require('arena-pirate');
    const print = (value) => console.log(JSON.stringify(value) ?? 'null');
    const ours = (made) => Object.keys(made).filter((name) => isArenaArray(made[name]));
    ${code}`;
  return JSON.parse(runOrThrow(process.execPath, [...flags, '--eval', source], { cwd: folder }));
}

/** Text is Node's in 'exit' scopes. */
const everythingIn = (release: Release) =>
  ['array', 'copy', 'buffer']
    .concat(release === 'exit' ? [] : 'text', 'joined')
    .concat(SERVES_ARRAY_BUFFERS ? ['large'] : [])
    .concat('sub');

describe.each(RELEASES)("a module first required in an '%s' scope", (release) => {
  const options = `{ release: '${release}', copyResult: false }`;

  it('allocates nothing from it', () => {
    const found = answer(`print(arena.sync(() => ours(require('./plain.cjs').made), ${options}))`);
    expect(found).toEqual([]);
  });

  it('allocates from it when its functions are called there', () => {
    const found = answer(
      `print(arena.sync(() => ours(require('./plain.cjs').later()), ${options}))`,
    );
    expect(found).toEqual(everythingIn(release));
  });

  it('allocates nothing from it, nor do the modules that it requires', () => {
    const found = answer(`print(arena.sync(() => {
        const { before, inner, made } = require('./nested.cjs');
        return [ours(before), ours(inner.made), ours(made)];
      }, ${options}))`);
    expect(found).toEqual([[], [], []]);
  });

  it('allocates nothing from it after an await', () => {
    const found = answer(`arena(async () => {
        await 1;
        const { made, later } = require('./plain.cjs');
        return [ours(made), ours(later())];
      }, ${options}).then(print)`);
    expect(found).toEqual([[], everythingIn(release)]);
  });

  it('allocates nothing from it in what it has begun, after awaits there', () => {
    const found = answer(`arena(async () => {
        await 1;
        const begun = require('./begins.cjs');
        await begun.ready;
        return [ours(begun.late), ours(begun.later), isArenaArray(new Float64Array(100))];
      }, ${options}).then(print)`);
    expect(found).toEqual([[], [], true]);
  });

  it('allocates nothing from it when a function requires it lazily', () => {
    const found = answer(`print(arena.sync(() => {
        const { use, table } = require('./lazy.cjs');
        use();
        return isArenaArray(table());
      }, ${options}))`);
    expect(found).toBe(false);
  });

  it('allocates nothing from it when it is a package', () => {
    expect(answer(`print(arena.sync(() => ours(require('./typed').made), ${options}))`)).toEqual(
      [],
    );
  });

  it('may open a scope of its own', () => {
    const found = answer(`print(arena.sync(() => {
        const { inScope, made } = require('./with-scope.cjs');
        return [inScope, ours(made)];
      }, ${options}))`);
    expect(found).toEqual([true, []]);
  });

  it('leaves the scope as it was', () => {
    const found = answer(`print(arena.sync(() => {
        require('./plain.cjs'); require('./data.json');
        return [isArenaArray(new Float64Array(100)), currentArena().depth];
      }, ${options}))`);
    expect(found).toEqual([true, 1]);
  });

  it('leaves the scope as it was when it throws', () => {
    const found = answer(`print(arena.sync(() => {
        let message; try { require('./throws.cjs'); } catch (error) { ({ message } = error); }
        return [message, ours(leaked), isArenaArray(new Float64Array(100))];
      }, ${options}))`);
    expect(found).toEqual(['while loading', [], true]);
  });

  it.skipIf(!REQUIRES_MODULES)('allocates nothing from it when it is an ES module', () => {
    const found = answer(
      `print(arena.sync(() => {
        const { made, later } = require('./module.mjs');
        return [ours(made), ours(later())];
      }, ${options}))`,
      '--no-warnings',
    );
    expect(found).toEqual([[], everythingIn(release)]);
  });
});

describe.each(RELEASES)("a module first imported in an '%s' scope", (release) => {
  const options = `{ release: '${release}', copyResult: false }`;
  const importing = (name: string, use: string) =>
    `arena(async () => { const module = await import('${name}'); return ${use}; }, ${options}).then(print)`;

  it('allocates nothing from it', () => {
    expect(answer(importing('./module.mjs', 'ours(module.made)'))).toEqual([]);
  });

  it('allocates nothing from it when it is CommonJS', () => {
    expect(answer(importing('./plain.cjs', 'ours(module.default.made)'))).toEqual([]);
  });

  it('allocates nothing from it, nor do the modules that it imports', () => {
    const use = '[module.made, module.inner, module.cjs.made].map(ours)';
    expect(answer(importing('./imports.mjs', use))).toEqual([[], [], []]);
  });

  it('allocates nothing from it after a top-level await', () => {
    const use = '[module.before, module.made].map(ours)';
    expect(answer(importing('./awaits.mjs', use))).toEqual([[], []]);
  });

  it('allocates from it when its functions are called there', () => {
    expect(answer(importing('./module.mjs', 'ours(module.later())'))).toEqual(
      everythingIn(release),
    );
  });

  it('allocates nothing from it when it is in a data: URL', () => {
    const code = `data:text/javascript,export const made = ${MADE.replaceAll(/\s+/g, ' ').replaceAll("'", '%27')}`;
    expect(answer(importing(code, 'ours(module.made)'))).toEqual([]);
  });

  it('allocates nothing from it in classes and functions that it calls and awaits', () => {
    const use = '[module.inClass, module.late].map(ours)';
    expect(answer(importing('./starts.mjs', use))).toEqual([[], []]);
  });

  it('may open scopes of its own', () => {
    const use = '[module.outside ?? null, module.inScope, module.after, ours(module.made)]';
    expect(answer(importing('./opens.mjs', use))).toEqual([null, true, true, []]);
  });

  it('allocates nothing from it, whichever of several scopes imports it first', () => {
    const found = answer(`
      const first = (name) => arena(() => import(name), ${options});
      Promise.all([first('./imports.mjs'), first('./module.mjs'), first('./awaits.mjs')]).then(
        ([{ made, inner, cjs }, module, awaits]) =>
          print([made, inner, cjs.made, module.made, awaits.before, awaits.made].map(ours)));`);
    expect(found).toEqual(Array(6).fill([]));
  });

  it('leaves the scope as it was, and how the program has stacks written', () => {
    const found = answer(`
      Error.stackTraceLimit = 3;
      const prepare = (error, sites) => sites.length;
      Error.prepareStackTrace = prepare;
      arena(async () => {
        await import('./module.mjs');
        const made = ${MADE};
        return [ours(made), currentArena().depth, new Error().stack];
      }, ${options}).then(([names, ...rest]) =>
        print([names, ...rest, Error.stackTraceLimit, Error.prepareStackTrace === prepare]));`);
    expect(found).toEqual([everythingIn(release), 1, expect.any(Number), 3, true]);
  });
});
