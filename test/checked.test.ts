// Checked mode: what outlives its 'exit' scope is taken away from its keeper, and reported.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import zlib from 'node:zlib';
import {
  type ArenaEscape,
  type ArenaOptions,
  arena,
  configure,
  copyFromArena,
  findEscapes,
  isArenaArray,
  noArena,
  stats,
} from 'arena-pirate';
import { afterEach, describe, expect, it } from 'vitest';
import { inChild, tryInChild } from './support/child.js';
import { packageRoot } from './support/run.js';
import { expectNoScope, thrownBy } from './support/scopes.js';

const EXIT: ArenaOptions = { release: 'exit', copyResult: false };

let kept: unknown;

afterEach(() => {
  kept = undefined;
  configure({ check: false });
  expectNoScope();
});

const lengthOfKept = () => (kept as Uint8Array).length;
const numbersOf = (escapes: readonly ArenaEscape[]) =>
  escapes.map(({ arrays, bytes }) => ({ arrays, bytes }));

describe('findEscapes', () => {
  const keepers: Record<string, (array: Uint8Array) => unknown> = {
    'the array itself': (array) => array,
    'a closure': (array) => () => array,
    'a property, deep': (array) => new Map([['deep', [{ array }]]]),
    'a subarray only': (array) => array.subarray(10, 20),
    'its .buffer only': (array) => array.buffer,
    'a DataView on its .buffer only': (array) => new DataView(array.buffer, 5, 9),
    'a Buffer on its .buffer only': (array) => Buffer.from(array.buffer, 1, 2),
    'an iterator': (array) => array.values(),
  };

  it.each(Object.entries(keepers))('finds what is kept by %s', (_, keep) => {
    const escapes = findEscapes(() =>
      arena.sync(() => {
        kept = keep(new Uint8Array(1000));
      }, EXIT),
    );
    expect(numbersOf(escapes)).toEqual([{ arrays: 1, bytes: 1000 }]);
  });

  const makers: Record<string, () => unknown> = {
    'new by length': () => new Float64Array(125),
    'new from an array': () => new Uint16Array(Array(500).fill(7)),
    'a slice': () => new Uint8Array(2000).slice(1000),
    'a map': () => Float32Array.from({ length: 250 }).map((x) => x + 1),
    'Buffer.alloc': () => Buffer.alloc(1000),
    'Buffer.from': () => Buffer.from(Array(1000).fill(7)),
    'Buffer.concat': () => Buffer.concat([Buffer.alloc(400), Buffer.alloc(600)]),
    'a subclass': () => new (class Sub extends Int8Array {})(1000),
  };

  it.each(Object.entries(makers))('finds what is made by %s, and nothing else', (_, make) => {
    const escapes = findEscapes(() =>
      arena.sync(() => {
        kept = make();
      }, EXIT),
    );
    expect(numbersOf(escapes)).toEqual([{ arrays: 1, bytes: 1000 }]);
  });

  it('names the place that made it, and the likely cures', () => {
    function makeTable() {
      return new Uint8Array(1000);
    }
    const [found] = findEscapes(() =>
      arena.sync(() => {
        kept = makeTable();
      }, EXIT),
    );
    expect(found?.stack.split('\n')[0]).toMatch(/at makeTable .*checked\.test\.ts/);
    expect(found?.stack).not.toContain(join(packageRoot, 'dist'));
    expect(found?.cure).toMatch(/copyFromArena.*noArena.*'collected'/);
  });

  it('lists a place once, with what it made', () => {
    const many: unknown[] = [];
    const escapes = findEscapes(() => {
      for (let i = 0; i < 5; i++) arena.sync(() => many.push(new Uint8Array(100)), EXIT);
      arena.sync(() => many.push(new Uint8Array(300)), EXIT);
    });
    expect(numbersOf(escapes)).toEqual([
      { arrays: 5, bytes: 500 },
      { arrays: 1, bytes: 300 },
    ]);
  });

  it('does not list what escaped before', () => {
    const first = findEscapes(() =>
      arena.sync(() => {
        kept = new Uint8Array(1000);
      }, EXIT),
    );
    const second = findEscapes(() => arena.sync(() => new Uint8Array(2000).length, EXIT));
    expect([first.length, second]).toEqual([1, []]);
  });

  it.each([
    ['is dropped', () => arena.sync(() => new Uint8Array(1000).fill(1).length, EXIT)],
    [
      'is returned',
      () => {
        kept = arena.sync(() => new Uint8Array(1000), { release: 'exit' });
      },
    ],
    [
      'is copied out',
      () =>
        arena.sync(() => {
          kept = copyFromArena(new Uint8Array(1000));
        }, EXIT),
    ],
    [
      'is made in noArena',
      () =>
        arena.sync(() => {
          kept = noArena(() => new Uint8Array(1000));
        }, EXIT),
    ],
    [
      "is made in a 'collected' scope inside",
      () =>
        arena.sync(
          () =>
            arena.sync(
              () => {
                kept = new Uint8Array(1000);
              },
              { release: 'collected' },
            ),
          EXIT,
        ),
    ],
  ])('finds nothing when what is made %s', (_, fn) => {
    expect(findEscapes(fn)).toEqual([]);
    if (kept !== undefined) expect(lengthOfKept()).toBe(1000);
  });

  it('takes what escaped away from its keeper', () => {
    findEscapes(() =>
      arena.sync(() => {
        kept = new Uint8Array(1000).fill(7);
        expect(isArenaArray(kept)).toBe(true);
      }, EXIT),
    );
    expect(lengthOfKept()).toBe(0);
    expect((kept as Uint8Array)[0]).toBeUndefined();
    expect((kept as Uint8Array).buffer.byteLength).toBe(0);
  });

  it('leaves what a scope around made alone until that ends', () => {
    const inner: boolean[] = [];
    const escapes = findEscapes(() =>
      arena.sync(() => {
        const outer = new Uint8Array(1000).fill(7);
        const leaked: Uint8Array[] = [];
        arena.sync(() => leaked.push(new Uint8Array(500)), EXIT);
        inner.push(leaked[0]?.length === 0, outer[999] === 7);
        kept = outer;
      }, EXIT),
    );
    expect(inner).toEqual([true, true]);
    expect(numbersOf(escapes)).toEqual([{ arrays: 1, bytes: 1000 }]);
  });

  it('checks scopes inside a checked scope', () => {
    configure({ check: true });
    const found = arena.sync(
      () =>
        findEscapes(() =>
          arena.sync(() => {
            kept = new Uint8Array(1000);
          }, EXIT),
        ),
      EXIT,
    );
    expect(numbersOf(found)).toEqual([{ arrays: 1, bytes: 1000 }]);
  });

  it('waits for asynchronous functions, and checks what they make after awaits', async () => {
    const escapes = await findEscapes(() =>
      arena(async () => {
        await setImmediate();
        const used = new Uint8Array(1000);
        await setImmediate();
        kept = new Uint8Array(used.length / 2);
      }, EXIT),
    );
    expect(numbersOf(escapes)).toEqual([{ arrays: 1, bytes: 500 }]);
  });

  it('finds nothing in asynchronous functions that keep nothing', async () => {
    const escapes = await findEscapes(async () => {
      kept = await arena(
        async () => {
          const used = new Uint8Array(1000);
          await setImmediate();
          return used;
        },
        { release: 'exit' },
      );
    });
    expect(escapes).toEqual([]);
    expect(lengthOfKept()).toBe(1000);
  });

  it('finds memory that a pending read is to fill, and keeps it from being used again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arena-pirate-checked-'));
    try {
      writeFileSync(join(folder, 'file'), Buffer.alloc(4000, 7));
      const result = await inChild(
        async ({ arena, findEscapes }, path) => {
          const fs = process.getBuiltinModule('node:fs');
          const file = fs.openSync(path, 'r');
          // Reads wait for their turn in a busy pool of threads.
          const { pbkdf2 } = process.getBuiltinModule('node:crypto');
          for (let i = 0; i < 8; i++) pbkdf2('', '', 20_000, 64, 'sha512', () => {});
          let done: Promise<number> | undefined;
          const escapes = findEscapes(() =>
            arena.sync(
              () => {
                const target = Buffer.alloc(4000);
                done = new Promise((resolve, reject) =>
                  fs.read(file, target, 0, 4000, 0, (error, bytes) =>
                    error ? reject(error) : resolve(bytes),
                  ),
                );
              },
              { release: 'exit', copyResult: false },
            ),
          );
          const others = Array.from({ length: 1000 }, () => new Uint8Array(4000));
          const bytes = await done;
          return {
            bytes,
            escapes: escapes.map(({ arrays, bytes }) => ({ arrays, bytes })),
            changed: others.filter((array) => array.some((byte) => byte !== 0)).length,
          };
        },
        {},
        join(folder, 'file'),
      );
      expect(result).toEqual({ bytes: 4000, escapes: [{ arrays: 1, bytes: 4000 }], changed: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    [
      'at once',
      () => {
        throw new Error('in fn');
      },
    ],
    [
      'in a scope',
      () =>
        arena.sync(() => {
          throw new Error('in fn');
        }, EXIT),
    ],
  ])('throws what fn throws %s, and stops checking', (_, fn) => {
    expect(thrownBy(() => findEscapes(fn))).toMatchObject({ message: 'in fn' });
    arena.sync(() => {
      kept = new Uint8Array(1000);
    }, EXIT);
    expect(lengthOfKept()).toBe(1000);
  });

  it('rejects with what fn rejects with, and stops checking', async () => {
    const rejecting = async () => {
      await setImmediate();
      throw new Error('in fn');
    };
    await expect(findEscapes(rejecting)).rejects.toMatchObject({ message: 'in fn' });
    arena.sync(() => {
      kept = new Uint8Array(1000);
    }, EXIT);
    expect(lengthOfKept()).toBe(1000);
  });

  it('refuses a function that opens no exit scope, which would prove nothing', async () => {
    const refusal = { code: 'ERR_ARENA_INVALID_ARG' };
    expect(thrownBy(() => findEscapes(() => new Uint8Array(1000)))).toMatchObject(refusal);
    const collected = () => arena.sync(() => new Uint8Array(1000), { release: 'collected' });
    expect(thrownBy(() => findEscapes(collected))).toMatchObject(refusal);
    await expect(findEscapes(async () => {})).rejects.toMatchObject(refusal);
  });

  describe('with scopes that are open when fn is done', () => {
    const refusalOf = (count: string) => ({
      code: 'ERR_ARENA_INVALID_ARG',
      message: expect.stringMatching(`but ${count} still open.*Return or await the promise`),
    });
    const keepLater = async () => {
      await setImmediate();
      kept = new Uint8Array(1000);
      await setTimeout(20);
    };

    it('refuses a synchronous function that has forgotten to return their promise', async () => {
      const opened: unknown[] = [];
      const once = () => {
        opened.push(arena(keepLater, EXIT));
      };
      const error = thrownBy(() => findEscapes(once));
      expect(error).toMatchObject(refusalOf('1 of them is'));
      const thrice = () => {
        for (let i = 0; i < 3; i++) once();
        arena(() => new Uint8Array(1000).length, EXIT);
      };
      expect(thrownBy(() => findEscapes(thrice))).toMatchObject(refusalOf('3 of them are'));
      await Promise.all(opened);
      expect(lengthOfKept()).toBe(0);
    });

    it('refuses an asynchronous function that has, wherever it opens them', async () => {
      const opened: unknown[] = [];
      const forgetful = async () => {
        await setImmediate();
        await arena(async () => {
          await setTimeout(1);
          opened.push(arena(keepLater, EXIT));
        }, EXIT);
      };
      await expect(findEscapes(forgetful)).rejects.toMatchObject(refusalOf('1 of them is'));
      await Promise.all(opened);
    });

    it('counts them where it is called in another call, and there too', async () => {
      const opened: unknown[] = [];
      const inner = () => {
        opened.push(arena(keepLater, EXIT));
      };
      const errors: unknown[] = [];
      const outer = () => {
        arena(() => 0, EXIT);
        errors.push(thrownBy(() => findEscapes(inner)));
      };
      errors.push(thrownBy(() => findEscapes(outer)));
      expect(errors).toMatchObject([refusalOf('1 of them is'), refusalOf('1 of them is')]);
      await Promise.all(opened);
    });

    it('does not mind those that others have opened meanwhile', async () => {
      configure({ check: true });
      const around = arena(() => setTimeout(30), EXIT);
      const found = (delay: number) =>
        findEscapes(() =>
          arena(async () => {
            await setTimeout(delay);
            return new Uint8Array(1000).length;
          }, EXIT),
        );
      const meanwhile = [1, 30].map(found);
      await setImmediate();
      const beside = arena(() => setTimeout(30), EXIT);
      expect(await Promise.all(meanwhile)).toEqual([[], []]);
      await Promise.all([around, beside]);
    });
  });

  it.each([undefined, null, 1, 'fn', {}])('refuses %j', (fn) => {
    expect(thrownBy(() => findEscapes(fn as never))).toMatchObject({
      code: 'ERR_ARENA_INVALID_ARG',
      message: expect.stringContaining('Expected a function for fn'),
    });
  });
});

// A module-global table that pako builds for the first block with fixed codes that it inflates.
describe("pako's table", () => {
  const data = [
    ...zlib.deflateSync(Buffer.from('arena '.repeat(1000)), {
      strategy: zlib.constants.Z_FIXED,
    }),
  ];

  it('is found, with the place and the cure', async () => {
    const escapes = await inChild(
      ({ arena, findEscapes }, data) => {
        const pako = require('pako') as typeof import('pako');
        const inflate = () => pako.inflate(Uint8Array.from(data)).length;
        return findEscapes(() => arena.sync(inflate, { release: 'exit' }));
      },
      {},
      data,
    );
    expect(numbersOf(escapes)).toEqual([
      { arrays: 1, bytes: 512 * 4 },
      { arrays: 1, bytes: 32 * 4 },
    ]);
    for (const { stack, cure } of escapes) {
      expect(stack.split('\n')[0]).toMatch(/at fixedtables .*pako/);
      expect(cure).toMatch(/^pako keeps .*warm it up.*noArena\(\).*'collected'/);
    }
  });

  it("is found by README's example, with what is shown there", async () => {
    const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
    const [example = ''] = /^const data = pako.*\nconst escapes = .*$/m.exec(readme) ?? [];
    const [first, ...others] = await inChild(
      ({ arena, findEscapes }, example): ArenaEscape[] =>
        new Function('arena', 'findEscapes', 'pako', `${example}; return escapes;`)(
          arena,
          findEscapes,
          require('pako'),
        ),
      {},
      example,
    );
    const { stack, arrays, bytes, cure } = first as ArenaEscape;
    const frame = stack.split('\n')[0]?.replace(/\(.*\//, '(…/');
    const start = cure.slice(0, cure.indexOf('first use') + 'first use'.length);
    expect(readme).toContain(
      `${example}\n// [{ stack: '${frame}…', arrays: ${arrays}, bytes: ${bytes},\n` +
        `//    cure: '${start} …' }, …]\n`,
    );
    expect(others).not.toEqual([]);
  });

  it.each(['warm up', 'noArena', 'collected'])(
    'is no longer found after the cure: %s',
    async (cure) => {
      const answer = await inChild(
        ({ arena, findEscapes, noArena }, data, cure) => {
          const pako = require('pako') as typeof import('pako');
          const inflate = () => pako.inflate(Uint8Array.from(data)).length;
          if (cure === 'warm up') inflate();
          let length = 0;
          const escapes = findEscapes(() => {
            arena.sync(
              () => {
                const array = new Uint8Array(1000);
                if (cure === 'collected') length = arena.sync(inflate, { release: 'collected' });
                else length = cure === 'noArena' ? noArena(inflate) : inflate();
                return array.length;
              },
              { release: 'exit' },
            );
          });
          return { escapes, length, again: inflate() };
        },
        {},
        data,
        cure,
      );
      expect(answer).toEqual({ escapes: [], length: 6000, again: 6000 });
    },
  );
});

describe('configure({ check: true })', () => {
  /** The warnings that a function causes before it returns. */
  function warningsOf(fn: () => void): (Error & { code?: string; detail?: string })[] {
    const warnings: Error[] = [];
    const add = (warning: Error) => warnings.push(warning);
    process.on('warning', add);
    try {
      fn();
    } finally {
      process.off('warning', add);
    }
    return warnings;
  }

  const leak = (bytes: number) =>
    arena.sync(() => {
      kept = new Uint8Array(bytes);
    }, EXIT);

  it('warns at the end of the scope, with a code, the place and the cure', () => {
    configure({ check: true });
    const warnings = warningsOf(() => leak(1000));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({
      name: 'ArenaEscapeWarning',
      code: 'ARENA_ESCAPE',
      message: expect.stringMatching(/^An array of 1000 bytes .* still referenced after its end$/),
      detail: expect.stringMatching(/checked\.test\.ts[\s\S]*copyFromArena/),
    });
    expect(lengthOfKept()).toBe(0);
  });

  it('warns once of each place', () => {
    configure({ check: true });
    const others: unknown[] = [];
    const warnings = warningsOf(() => {
      for (let i = 0; i < 3; i++) {
        arena.sync(() => {
          others.push(new Uint8Array(1000));
        }, EXIT);
      }
      arena.sync(() => {
        others.push(new Uint8Array(1000));
      }, EXIT);
    });
    expect(warnings).toHaveLength(2);
  });

  it('warns of an asynchronous scope when the event loop turns', async () => {
    configure({ check: true });
    const warnings: Error[] = [];
    const add = (warning: Error) => warnings.push(warning);
    process.on('warning', add);
    await arena(async () => {
      await null;
      kept = new Uint8Array(1000);
    }, EXIT);
    await setImmediate();
    await setImmediate();
    process.off('warning', add);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('An array of 1000 bytes'),
    ]);
  });

  it("says nothing of 'collected' scopes, and leaves them what they made", () => {
    configure({ check: true });
    const warnings = warningsOf(() =>
      arena.sync(() => {
        kept = new Uint8Array(1000);
      }),
    );
    expect(warnings).toEqual([]);
    expect(lengthOfKept()).toBe(1000);
  });

  it('leaves the stack settings of the program as they were', () => {
    configure({ check: true });
    const names = ['prepareStackTrace', 'stackTraceLimit'];
    const settings = () => names.map((name) => Reflect.getOwnPropertyDescriptor(Error, name));
    const before = settings();
    leak(100);
    expect(settings()).toEqual(before);
    const prepared: unknown[] = [];
    const prepareStackTrace = () => prepared.push('called');
    Object.assign(Error, { prepareStackTrace });
    try {
      leak(100);
      expect(Error.prepareStackTrace).toBe(prepareStackTrace);
      expect(prepared).toEqual([]);
    } finally {
      if (before[0] === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
      else Object.defineProperty(Error, 'prepareStackTrace', before[0]);
    }
  });

  it('gives arrays of their own, zeroed, that count as captured', () => {
    configure({ check: true });
    const before = stats().thread.captured;
    const seen = arena.sync(() => {
      const array = new Float64Array(100);
      const part = array.subarray(3);
      return {
        zero: array.every((x) => x === 0),
        bytes: [array.buffer.byteLength, array.byteOffset, part.byteOffset],
        same: part.buffer === array.buffer,
      };
    }, EXIT);
    expect(seen).toEqual({ zero: true, bytes: [800, 0, 24], same: true });
    expect(stats().thread.captured - before).toBe(1);
  });

  it('forgets what V8 has collected, however much there is', async () => {
    const answer = await inChild(async ({ arena, configure, residentMiB }) => {
      configure({ check: true });
      const one = () => new Uint8Array(100_000).fill(1).length;
      for (let i = 0; i < 1000; i++) arena.sync(one, { release: 'exit' });
      const before = residentMiB();
      for (let i = 0; i < 10_000; i++) arena.sync(one, { release: 'exit' });
      return residentMiB() - before;
    });
    // A gigabyte has come and gone; 256 MiB may wait, and as much again be on its way back to the kernel.
    expect(answer).toBeLessThan(600);
  });
});

describe('ARENA_PIRATE_CHECK=1', () => {
  const program = async ({ arena }: { arena: typeof import('arena-pirate').arena }) => {
    const kept: unknown[] = [];
    arena.sync(() => void kept.push(new Uint8Array(1000)), { release: 'exit', copyResult: false });
    return (kept[0] as Uint8Array).length;
  };

  it('checks, and prints the warning', async () => {
    const result = await tryInChild(program, { env: { ARENA_PIRATE_CHECK: '1' } });
    expect(result).toMatchObject({ status: 0, answer: '0' });
    expect(result.stderr).toMatch(
      /\[ARENA_ESCAPE\] ArenaEscapeWarning: An array of 1000 bytes that was made in an 'exit' scope is still referenced after its end/,
    );
  });

  it('warns even if the process exits at once', async () => {
    const result = await tryInChild(
      async ({ arena }) => {
        const kept: unknown[] = [];
        await arena(
          async () => {
            await null;
            kept.push(new Uint8Array(1000));
          },
          { release: 'exit' },
        );
        process.exit(3);
      },
      { env: { ARENA_PIRATE_CHECK: '1' } },
    );
    expect(result.status).toBe(3);
    expect(result.stderr).toContain('[ARENA_ESCAPE]');
  });

  it('checks nothing when it is 0', async () => {
    const result = await tryInChild(program, { env: { ARENA_PIRATE_CHECK: '0' } });
    expect(result).toMatchObject({ status: 0, answer: '1000', stderr: '' });
  });
});
