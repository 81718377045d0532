import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { mtMapArena } from 'arena-pirate';
import { describe, expect, it } from 'vitest';
import { packageRoot, runOrThrow } from '../support/run.js';

type Fn = (item: number, index: number) => unknown;

/** A function whose text vite has not changed, with what it closes over. */
function asWritten(text: string, around: Record<string, unknown> = {}): Fn {
  return Function(...Object.keys(around), `'use strict'; return ${text}`)(...Object.values(around));
}

const once = (task: Fn, item = 20) => mtMapArena([item], task, { threads: 1 });

const outside = 5;
let counter = 0;

describe('a function as a task', () => {
  it.each<[string, Fn]>([
    ['an arrow function', (x) => x + 1],
    ['an asynchronous arrow function', async (x) => (await x) + 1],
    [
      'a function expression',
      function (x) {
        return x + 1;
      },
    ],
    [
      'one that calls itself',
      function up(x): number {
        return x === 21 ? x : up(x + 1);
      },
    ],
    [
      'a method',
      {
        method(x: number) {
          return x + 1;
        },
      }.method,
    ],
    [
      'an asynchronous method with a computed name',
      {
        async [`a ${outside}`](x: number) {
          return x + 1;
        },
      }[`a ${outside}`],
    ],
    [
      'a static method',
      // biome-ignore lint/complexity/noStaticOnlyClass: it is about the method
      class {
        static next(x: number) {
          return x + 1;
        }
      }.next,
    ],
    [
      'one with declarations, defaults and destructuring of its own',
      (x, index = 0, { one } = { one: 1 }) => {
        const names = { x, ...{ one } };
        class Sum {
          #total = 0;
          static start = () => new this();
          add = (n: number) => {
            this.#total += n;
            return this;
          };
          get total() {
            return this.#total;
          }
        }
        for (const [, value] of Object.entries(names)) {
          if (value === undefined) break;
        }
        try {
          throw names.x;
        } catch (caught) {
          return Sum.start()
            .add(caught as number)
            .add(one + index).total;
        }
      },
    ],
    ['one that uses globals', (x) => Math.max(...Float64Array.of(x, globalThis.Number('21')))],
    ['one that requires built-in modules', (x) => Number(require('node:util').inspect(x + 1))],
    [
      'one that imports',
      asWritten(`async (x) => Number((await import('node:util')).inspect(x + 1))`),
    ],
    ['one with a thenable as its result', asWritten('(x) => ({ then: (done) => done(x + 1) })')],
  ])('can be %s', async (_name, task) => {
    expect(await once(task)).toEqual([21]);
  });

  it('is strict code only where it was', async () => {
    const sloppy = Function('x', 'var self = this; return self === globalThis ? 21 : x');
    const strict = Function('x', '"use strict"; return this === undefined ? 21 : x');
    expect(await once(sloppy as Fn)).toEqual([21]);
    expect(await once(strict as Fn)).toEqual([21]);
    expect(
      await once(function (this: unknown, x) {
        return this === undefined ? 21 : x;
      }),
    ).toEqual([21]);
    expect(await once(Function('return (x) => 0o25 + 010 - 8')() as Fn)).toEqual([21]);
  });

  it('resolves packages and relative paths from the working directory', () => {
    const folder = mkdtempSync(join(tmpdir(), 'arena-pirate-tasks-'));
    try {
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(packageRoot, join(folder, 'node_modules/arena-pirate'));
      writeFileSync(join(folder, 'one.mjs'), 'export default 1;');
      writeFileSync(join(folder, 'two.cjs'), 'module.exports = 2;');
      const program = `
        const { mtMapArena } = require('arena-pirate');
        mtMapArena([0], async () => [(await import('./one.mjs')).default, require('./two.cjs')])
          .then((results) => console.log(JSON.stringify(results)));`;
      const args = ['--input-type=commonjs', '--eval', program];
      expect(runOrThrow(process.execPath, args, { cwd: folder })).toBe('[[1,2]]\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('of an ES module is refused for what that has imported, whatever its name', () => {
    const program = `
      import { setTimeout } from 'node:timers/promises';
      import { mtMapArena } from 'arena-pirate';
      const wait = async (x) => await setTimeout(x) ?? x;
      console.log(await mtMapArena([1], (x) => x + 1));
      mtMapArena([1], wait).catch(({ message }) => console.log(message));`;
    const args = ['--input-type=module', '--eval', program];
    expect(runOrThrow(process.execPath, args)).toMatch(
      /^\[ 2 \]\nThe function wait cannot be sent to another thread: it uses setTimeout of /,
    );
  });

  it.each<[string, Fn, RegExp]>([
    ['a constant', (x) => x + outside, /it uses outside of the code around it\. Put it into/],
    ['something that it changes', () => ++counter, /it uses counter of/],
    ['several things', (x) => [outside, counter, x, describe], /it uses \S*outside, counter, /],
    [
      'something with the name of a global',
      asWritten('(x) => setTimeout(x) ?? Math.max(x)', { setTimeout }),
      /it uses setTimeout of/,
    ],
    [
      '`this`',
      function (this: unknown) {
        return (
          () => () =>
            this
        )() as Fn;
      }.call(1),
      /it uses this of/,
    ],
    [
      '`arguments`',
      (function (..._args: unknown[]) {
        // biome-ignore lint/complexity/noArguments: it is about them
        return (() => arguments.length) as Fn;
      })(),
      /it uses arguments of/,
    ],
    ['what only `typeof` looks at', () => typeof counter, /it uses counter of/],
    ['an undeclared variable', Function('undeclared = 1') as Fn, /it uses undeclared of/],
    ['variables of a CommonJS module', Function('return __filename') as Fn, /it uses __filename/],
  ])('is refused when it closes over %s, by name', async (_name, task, message) => {
    await expect(once(task)).rejects.toMatchObject({
      code: 'ERR_ARENA_TASK_NOT_PORTABLE',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['a class', class Ship {}, /^The function Ship .* it is a class/],
    ['a generator', function* () {}, /it is a generator/],
    ['an asynchronous generator method', { async *many() {} }.many, /it is a generator/],
    ['a bound function', once.bind(null), /^The function bound once .* it is native or bound/],
    ['a native function', Math.sqrt, /^The function sqrt .* it is native or bound/],
    ['a constructor of ours', Float64Array, /it is native or bound/],
    ['a Proxy', new Proxy(() => 0, {}), /it is native or bound/],
    [
      'a method that uses super',
      {
        method() {
          return super.toString();
        },
      }.method,
      /its text means nothing by itself \('super' /,
    ],
    [
      'a getter',
      Object.getOwnPropertyDescriptor(
        {
          get x() {
            return 1;
          },
        },
        'x',
      )?.get,
      /its text means nothing by itself/,
    ],
    ['one with properties', Object.assign(() => 0, { table: 1 }), /its property 'table' would/],
  ])('cannot be %s', async (_name, task, message) => {
    await expect(mtMapArena([], task as Fn)).rejects.toMatchObject({
      code: 'ERR_ARENA_TASK_NOT_PORTABLE',
      message: expect.stringMatching(message),
    });
  });

  it('is refused by the worker when only this thread has a global', async () => {
    Object.defineProperty(globalThis, 'treasure', { value: 1, configurable: true });
    try {
      await expect(once(Function('return treasure') as Fn)).rejects.toMatchObject({
        name: 'ArenaError',
        code: 'ERR_ARENA_TASK_NOT_PORTABLE',
        message: expect.stringMatching(/^The function uses treasure, which the worker does not/),
      });
    } finally {
      Reflect.deleteProperty(globalThis, 'treasure');
    }
  });
});
