import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ArenaError,
  type ArenaErrorCode,
  arena,
  configure,
  install,
  mapArena,
  mtMapArena,
  noArena,
  uninstall,
} from 'arena-pirate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryInChild } from './support/child.js';
import { packageRoot, runOrThrow } from './support/run.js';
import { thrownBy } from './support/scopes.js';

const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');

/** The codes as lib/errors.ts lists them, each with its meaning. */
const meanings = new Map(
  [...read('lib/errors.ts').matchAll(/^ {2}(ERR_ARENA_\w+): '(.*)',$/gm)].map(
    ([, code, meaning]) => [code as ArenaErrorCode, meaning as string],
  ),
);

const provoked = new Set<string>();

/** Fails unless `error` is what every error of the package is. */
function expectArenaError(error: unknown, code: ArenaErrorCode, detail: RegExp): void {
  expect(error).toBeInstanceOf(ArenaError);
  expect(error).toBeInstanceOf(Error);
  const { name, message, stack } = error as ArenaError;
  expect([name, (error as ArenaError).code]).toEqual(['ArenaError', code]);
  expect(message).toMatch(detail);
  expect(message.endsWith(` [${code}: ${meanings.get(code)}]`)).toBe(true);
  expect(stack).toContain(message);
  provoked.add(code);
}

// Another copy of the package: what only a broken installation shows is broken in it.
let copies: string;

function copyOfPackage(name: string, addonLoader: string, version = '0.1.0'): string {
  const root = join(copies, name);
  cpSync(join(packageRoot, 'dist'), join(root, 'dist'), { recursive: true });
  const manifest = JSON.parse(read('package.json'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...manifest, version }));
  mkdirSync(join(root, 'node_modules/bindings'), { recursive: true });
  writeFileSync(join(root, 'node_modules/bindings/index.js'), addonLoader);
  return root;
}

/** What loading each of `packages` in turn ends with, in a process of its own. */
function loading(...packages: string[]): { code: string; message: string; cause?: string } {
  const program = `
    let answer = {};
    try {
      for (const name of ${JSON.stringify(packages)}) require(name);
    } catch ({ name, code, message, cause }) {
      answer = { name, code, message, cause: cause?.message };
    }
    console.log(JSON.stringify(answer));`;
  return JSON.parse(runOrThrow(process.execPath, ['--eval', program]));
}

function expectLoadingError(
  error: { code: string; message: string },
  code: ArenaErrorCode,
  detail: RegExp,
): void {
  expect(error).toMatchObject({ name: 'ArenaError', code });
  expect(error.message).toMatch(detail);
  expect(error.message.endsWith(` [${code}: ${meanings.get(code)}]`)).toBe(true);
  provoked.add(code);
}

beforeAll(() => {
  copies = mkdtempSync(join(tmpdir(), 'arena-pirate-errors-'));
});

afterAll(() => rmSync(copies, { recursive: true, force: true }));

describe('ERR_ARENA_INVALID_ARG', () => {
  it.each([
    ['arena', () => arena(5 as never), /^Expected a function for fn but received 5 of type number/],
    ['arena.sync', () => arena.sync(null as never), /a function for fn but received null/],
    ['arena.wrap', () => arena.wrap({} as never), /for fn but received an instance of Object/],
    ['noArena', () => noArena('fn' as never), /for fn but received 'fn' of type string/],
    ['mapArena', () => mapArena(5 as never, String), /^Expected an iterable for items but/],
    ['configure', () => configure(5 as never), /^Expected an object for options but received 5/],
  ])('comes from %s, with what was expected and what came', (_name, call, detail) => {
    expectArenaError(thrownBy(call), 'ERR_ARENA_INVALID_ARG', detail);
  });
});

describe('ERR_ARENA_INVALID_OPTION', () => {
  const badOptions = { minBytes: 0 };
  it.each([
    ['arena', () => arena(() => 0, badOptions)],
    ['arena.sync', () => arena.sync(() => 0, badOptions)],
    ['arena.wrap', () => arena.wrap(() => 0, badOptions)],
    ['mapArena', () => mapArena([], String, badOptions)],
    ['configure', () => configure(badOptions)],
  ])('comes from %s, with what was expected and what came', (_name, call) => {
    const detail = /^Expected an integer of 1 or more for minBytes but received 0 of type number/;
    expectArenaError(thrownBy(call), 'ERR_ARENA_INVALID_OPTION', detail);
  });

  it.each([
    ['5', "'5' of type string"],
    [Number.NaN, 'NaN of type number'],
    [5n, '5 of type bigint'],
    [Symbol('s'), 'Symbol(s) of type symbol'],
    [null, 'null'],
    [new Map(), 'an instance of Map'],
    [[], 'an instance of Array'],
    [Object.create(null), 'an instance of Object'],
    [function five() {}, 'function five'],
    [
      (
        () => () =>
          5
      )(),
      'function (anonymous)',
    ],
    [class Five {}, 'function Five'],
  ])('shows a value of any kind: %#', (value, shown) => {
    const { message } = thrownBy(() => configure({ zeroFill: value as never })) as Error;
    expect(message).toBe(
      `Expected true or false for zeroFill but received ${shown} ` +
        `[ERR_ARENA_INVALID_OPTION: ${meanings.get('ERR_ARENA_INVALID_OPTION')}]`,
    );
  });
});

describe('the errors of mtMapArena', () => {
  type Call = Promise<unknown>;
  const map = mtMapArena as (items: unknown, task: unknown, options?: unknown) => Call;
  const one = { threads: 1 };
  it.each<[ArenaErrorCode, () => Call, RegExp]>([
    [
      'ERR_ARENA_INVALID_ARG',
      () => map(5, String),
      /^Expected an iterable for items but received 5/,
    ],
    ['ERR_ARENA_INVALID_ARG', () => map([], 5), /^Expected a function, .* for task but received 5/],
    [
      'ERR_ARENA_INVALID_ARG',
      () => map([], { module: './x.js', name: 5 }),
      /^Expected the name of an export for task\.name but received 5/,
    ],
    ['ERR_ARENA_INVALID_ARG', () => map([], () => 0, 5), /^Expected an object for options but/],
    [
      'ERR_ARENA_INVALID_OPTION',
      () => map([], () => 0, { threads: 0 }),
      /^Expected an integer of 1 or more for threads but received 0/,
    ],
    [
      'ERR_ARENA_INVALID_OPTION',
      () => map([], () => 0, { chunk: 1.5 }),
      /for chunk but received 1\.5/,
    ],
    [
      'ERR_ARENA_INVALID_OPTION',
      () => map([], () => 0, { signal: {} }),
      /an AbortSignal for signal/,
    ],
    [
      'ERR_ARENA_INVALID_OPTION',
      () => map([], () => 0, { onProgress: 1 }),
      /a function for onProgress/,
    ],
    ['ERR_ARENA_INVALID_OPTION', () => map([], () => 0, { pool: {} }), /a Piscina for pool but/],
    ['ERR_ARENA_INVALID_OPTION', () => map([], () => 0, { release: 'x' }), /for release but/],
    [
      'ERR_ARENA_INVALID_OPTION',
      () => map([], () => 0, { copyResult: true }),
      /no value .* copyResult/,
    ],
    [
      'ERR_ARENA_INVALID_OPTION',
      () => map([], () => 0, { thread: 1 }),
      /^Expected an option named threads, chunk, signal, onProgress, pin, pool, release, minBytes, zeroFill but received 'thread'/,
    ],
    ['ERR_ARENA_TASK_FAILED', () => map([1], () => Promise.reject(7), one), /^Item 0 failed: 7/],
    [
      'ERR_ARENA_WORKER_DIED',
      () => map([1], () => process.exit(1), one),
      /ran item 0: worker exited/,
    ],
    ['ERR_ARENA_TASK_NOT_LOADED', () => map([1], './none.js', one), /there is no file/],
    ['ERR_ARENA_TASK_NOT_PORTABLE', () => map([1], () => map, one), /it uses map of the code/],
  ])('%s comes with what was expected and what came: %#', async (code, call, detail) => {
    const error = await call().catch((error) => error);
    expectArenaError(error, code, detail);
  });

  it('ERR_ARENA_INVALID_OPTION comes from threads beside a pool', async () => {
    const noop = () => {};
    const pool = { run: noop, on: noop, off: noop, options: { maxThreads: 1 } };
    const error = await map([], () => 0, { threads: 1, pool }).catch((error) => error);
    expectArenaError(error, 'ERR_ARENA_INVALID_OPTION', /^Expected no value .* for threads but/);
  });

  it('ERR_ARENA_NOT_INSTALLED comes after uninstall', async () => {
    uninstall();
    const pending = map([1], () => 0).catch((error) => error);
    install();
    expectArenaError(await pending, 'ERR_ARENA_NOT_INSTALLED', /Call install\(\) before/);
  });
});

describe('ERR_ARENA_SYNC_PROMISE', () => {
  it('comes from arena.sync with an asynchronous function', () => {
    const error = thrownBy(() => arena.sync(async () => 0));
    expectArenaError(error, 'ERR_ARENA_SYNC_PROMISE', /Use arena\(fn\) for asynchronous/);
  });

  it.each(['collected', 'exit'] as const)(
    "has the promise of an '%s' scope, whose rejection can be handled",
    async (release) => {
      const reason = new Error('in fn');
      const error = thrownBy(() =>
        arena.sync(() => Promise.reject(reason), { release }),
      ) as ArenaError;
      await expect(error.promise).rejects.toBe(reason);
    },
  );

  it('has the thenable, on which nobody has called then', () => {
    let calls = 0;
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      then() {
        calls++;
      },
    };
    expect((thrownBy(() => arena.sync(() => thenable)) as ArenaError).promise).toBe(thenable);
    expect(calls).toBe(0);
  });

  it('leaves the rejection unhandled where nobody handles it', async () => {
    const { status, stderr } = await tryInChild(({ arena }) => {
      try {
        arena.sync(() => Promise.reject(new Error('in fn')));
      } catch {}
    });
    expect(status).toBe(1);
    expect(stderr).toContain('Error: in fn');
  });
});

describe('ERR_ARENA_IN_USE', () => {
  it('comes from configure with another slabBytes while an arena is mapped', () => {
    arena.sync(() => new Uint8Array(1000));
    const error = thrownBy(() => configure({ slabBytes: 2 ** 20 }));
    expectArenaError(error, 'ERR_ARENA_IN_USE', /^slabBytes can change only while/);
  });

  it('comes from uninstall in a scope', () => {
    const error = arena.sync(() => thrownBy(uninstall));
    expectArenaError(error, 'ERR_ARENA_IN_USE', /^1 arena scope\(s\) are open/);
  });
});

describe('ERR_ARENA_NOT_INSTALLED', () => {
  it('comes from opening a scope after uninstall', () => {
    uninstall();
    try {
      const errors = [
        thrownBy(() => arena(() => 0)),
        thrownBy(() => arena.sync(() => 0)),
        thrownBy(() => mapArena([1], String)),
      ];
      for (const error of errors) {
        expectArenaError(error, 'ERR_ARENA_NOT_INSTALLED', /Call install\(\) before/);
      }
    } finally {
      install();
    }
    expect(arena.sync(() => 5)).toBe(5);
  });
});

describe('ERR_ARENA_CANNOT_UNINSTALL', () => {
  it('comes from uninstall, which changes nothing then, and names what others replaced', () => {
    const ours = globalThis.Float32Array;
    globalThis.Float32Array = class extends ours {} as typeof ours;
    try {
      const error = thrownBy(uninstall);
      expectArenaError(error, 'ERR_ARENA_CANNOT_UNINSTALL', /^Replaced by other .*Float32Array\. /);
      expect(arena.sync(() => 5)).toBe(5);
    } finally {
      globalThis.Float32Array = ours;
    }
    uninstall();
    install();
  });
});

describe('ERR_ARENA_NOT_BUILT', () => {
  it.each([
    ['is missing', "module.exports = () => { throw new Error('not found'); };", 'not found'],
    ['is of another version', 'module.exports = () => ({ layout: -1 });', /another version/],
  ])('comes from loading the package when the native part %s', (why, loader, cause) => {
    const error = loading(copyOfPackage(`native part ${why}`, loader));
    const detail = /^The native part .* cannot be loaded from .* Run: npx arena-pirate build/;
    expectLoadingError(error, 'ERR_ARENA_NOT_BUILT', detail);
    expect(error.cause).toMatch(cause);
  });
});

describe('ERR_ARENA_UNSUPPORTED', () => {
  // Node itself never refuses external ArrayBuffers. An addon without counters is what the real one
  // looks like where they are refused.
  it('comes from loading the package where external ArrayBuffers are refused', () => {
    const binary = join(packageRoot, 'build/Release/arena_pirate.node');
    const { layout } = createRequire(import.meta.url)(binary) as { layout: number };
    const root = copyOfPackage(
      'sandbox',
      `module.exports = () => ({ layout: ${layout}, attach: () => ({}) });`,
    );
    const detail = /^This build of Node does not allow external ArrayBuffers/;
    expectLoadingError(loading(root), 'ERR_ARENA_UNSUPPORTED', detail);
  });
});

describe('ERR_ARENA_DUPLICATE', () => {
  const NEVER_LOADED = "throw new Error('a second copy loaded its native part');";

  it('comes from loading another, incompatible copy, and names both', () => {
    const root = copyOfPackage('incompatible', NEVER_LOADED, '99.0.0');
    const error = loading('arena-pirate', root);
    expectLoadingError(
      error,
      'ERR_ARENA_DUPLICATE',
      /^arena-pirate 99\.0\.0 in .* cannot be used: /,
    );
    expect(error.message).toContain(root);
  });

  it('does not come from a copy of the same version, which uses the first', () => {
    const { version } = JSON.parse(read('package.json'));
    const root = copyOfPackage('compatible', NEVER_LOADED, version);
    expect(loading('arena-pirate', root)).toEqual({});
  });
});

describe('an error', () => {
  const fieldsOf = (error: unknown) => Object.keys(error as ArenaError);

  it('has an index only where it is about an item, a promise only where one was returned', async () => {
    expect(fieldsOf(thrownBy(() => arena(5 as never)))).toEqual(['name', 'code']);
    expect(fieldsOf(thrownBy(() => arena.sync(async () => 0)))).toEqual([
      'name',
      'code',
      'promise',
    ]);
    const failed = await mtMapArena([1], () => Promise.reject(7), { threads: 1 }).catch((e) => e);
    expect(fieldsOf(failed)).toEqual(['name', 'code', 'index']);
    expect(failed.index).toBe(0);
  });
});

describe('the codes', () => {
  it('have all been provoked above', () => {
    expect([...provoked].sort()).toEqual([...meanings.keys()].sort());
  });

  it('are exactly those in the table of README.md', () => {
    const rows = read('README.md').match(/^\| `ERR_ARENA.*$/gm) ?? [];
    const listed = rows.flatMap((row) => row.split('|')[1]?.match(/ERR_ARENA_\w+/g) ?? []);
    expect(listed.sort()).toEqual([...meanings.keys()].sort());
  });
});
