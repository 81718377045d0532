import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inChild, type Kit, runChild } from './support/child.js';
import { packageRoot } from './support/run.js';
import { SERVES_ARRAY_BUFFERS } from './support/served.js';

const require = createRequire(import.meta.url);

const MIB = 2 ** 20;

const isLinux = process.platform === 'linux';
const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

describe('at maxBytes', () => {
  it.each(['collected', 'exit'] as const)(
    'V8 serves, with the same values, and each array is counted (%s)',
    async (release) => {
      const result = await inChild(
        ({ arena, configure, fillPattern, holdsPattern, isArenaArray, stats }, release) => {
          configure({ maxBytes: 8 * 2 ** 20 });
          const sizes = [1000, 300_000, 1_500_000, 3_000_000];
          return arena.sync(
            () => {
              const arrays = Array.from({ length: 40 }, (_, i) => {
                const array = new Uint8Array(sizes[i % 4] as number);
                const zero = array.every((byte) => byte === 0);
                return { array: fillPattern(array, i), zero };
              });
              const captured = arrays.filter(({ array }) => isArenaArray(array)).length;
              const { fallbacks, bytes } = stats().thread;
              return {
                captured,
                counted: { ...fallbacks },
                right: arrays.every(({ array, zero }, i) => zero && holdsPattern(array, i)),
                mapped: bytes.mapped,
              };
            },
            { release },
          );
        },
        {},
        release,
      );
      expect(result.right).toBe(true);
      expect(result.captured).toBeGreaterThan(2);
      expect(result.counted).toEqual({
        maxBytes: 40 - result.captured,
        memory: 0,
        buffer: 0,
        callback: 0,
      });
      expect(result.mapped).toBeLessThanOrEqual(8 * MIB);
    },
  );

  it('every kind of allocation goes to V8', async () => {
    const { captured, fallbacks } = await inChild(({ arena, configure, isArenaArray, stats }) => {
      configure({ maxBytes: 2 ** 21 });
      return arena.sync(() => {
        const full = new Uint8Array(2 ** 21);
        class Tagged extends Float64Array {}
        const values = [
          new Float64Array(1000),
          new Tagged(1000),
          new Uint8Array(Array(1000).fill(1)),
          Uint16Array.from({ length: 1000 }),
          new Float32Array(100).fill(1).map((x) => x),
          new ArrayBuffer(2 ** 21),
          Buffer.alloc(1000),
          Buffer.allocUnsafe(1000),
          Buffer.from('x'.repeat(1000)),
          Buffer.concat([full.subarray(0, 500), full.subarray(0, 500)]),
          full.slice(0, 100),
        ];
        const captured = values.filter(isArenaArray).length;
        return { captured, fallbacks: stats().thread.fallbacks.maxBytes };
      });
    });
    expect(captured).toBe(0);
    // `map` makes two arrays.
    expect(fallbacks + (SERVES_ARRAY_BUFFERS ? 0 : 1)).toBe(12);
  });

  it('arenas serve again once arrays have been dropped', async () => {
    const seen = await inChild(({ arena, configure, isArenaArray, stats }) => {
      configure({ maxBytes: 8 * 2 ** 20 });
      // The arrays live while this runs, and no frame holds them afterwards.
      const captured = (count: number) =>
        Array.from({ length: count }, () => arena.sync(() => new Uint8Array(1_500_000))).filter(
          isArenaArray,
        ).length;
      const before = captured(10);
      // The pool collects by itself when it is at its limit, the less often the more in vain.
      const after = captured(12);
      return { before, after, collections: stats().thread.collections.count };
    });
    expect(seen.before).toBe(4);
    expect(seen.after).toBe(4);
    expect(seen.collections).toBeGreaterThan(0);
  });

  it('a full pool does not collect for every array that it cannot serve', async () => {
    const { fallbacks, collections } = await inChild(({ arena, configure, stats }) => {
      configure({ maxBytes: 2 ** 21 });
      const full = arena.sync(() => new Uint8Array(2 ** 21));
      for (let i = 0; i < 2000; i++) arena.sync(() => new Uint8Array(1000));
      full.fill(1);
      const { fallbacks, collections } = stats().thread;
      return { fallbacks: fallbacks.maxBytes, collections: collections.count };
    });
    expect(fallbacks).toBe(2000);
    expect(collections).toBeLessThan(200);
  });

  it("what no 'exit' scope uses any more serves all others, and at once", async () => {
    const seen = await inChild(({ arena, configure, isArenaArray, stats }) => {
      configure({ maxBytes: 32 * 2 ** 20 });
      const burst = (count: number, bytes: number) =>
        arena.sync(
          () => {
            for (let i = 0; i < count; i++) new Uint8Array(bytes);
          },
          { release: 'exit' },
        );
      const serves = (bytes: number, release: 'collected' | 'exit') =>
        arena.sync(() => isArenaArray(new Uint8Array(bytes)), { release });
      // Refused so often that the pool hardly tries any more.
      burst(5000, 50_000);
      const refused = stats().thread.fallbacks.maxBytes;
      const served = [serves(1000, 'collected'), serves(20_000_000, 'exit')];
      burst(15, 2_000_000);
      served.push(serves(25_000_000, 'collected'), serves(30_000_000, 'exit'));
      return { refused, served, after: stats().thread.fallbacks.maxBytes };
    });
    expect(seen.refused).toBeGreaterThan(1000);
    expect(seen.served).toEqual(Array(4).fill(true));
    expect(seen.after).toBe(seen.refused);
  });

  it('what is too little for what is asked is given up ever more rarely', async () => {
    const { fallbacks, collections } = await inChild(({ arena, configure, stats }) => {
      configure({ maxBytes: 16 * 2 ** 20 });
      const full = arena.sync(() => new Uint8Array(10 * 2 ** 20));
      for (let i = 0; i < 500; i++) {
        arena.sync(() => new Uint8Array(5000), { release: 'exit' });
        arena.sync(() => new Uint8Array(8 * 2 ** 20));
      }
      full.fill(1);
      const { fallbacks, collections } = stats().thread;
      return { fallbacks: fallbacks.maxBytes, collections: collections.count };
    });
    expect(fallbacks).toBe(500);
    expect(collections).toBeLessThan(50);
  });

  it('arenas that are free make room for a larger one', async () => {
    const seen = await inChild(({ arena, configure, isArenaArray, stats }) => {
      configure({ arenaBytes: 8 * 2 ** 20, maxBytes: 32 * 2 ** 20 });
      arena.sync(() => Array.from({ length: 15 }, () => new Uint8Array(2_000_000)).length);
      const { arenas } = stats().thread;
      return { arenas, served: arena.sync(() => isArenaArray(new Uint8Array(20_000_000))) };
    });
    expect(seen).toEqual({ arenas: 4, served: true });
  });

  it('an arena is as small as the limit asks', async () => {
    const mapped = await inChild(({ arena, configure, stats }) => {
      configure({ maxBytes: 6 * 2 ** 20 + 1000 });
      arena.sync(() => new Uint8Array(1000));
      return stats().thread.bytes.mapped;
    });
    expect(mapped).toBe(6 * MIB);
  });
});

describe.skipIf(!isLinux || !has('prlimit', '--version'))(
  `with little address space${has('prlimit', '--version') ? '' : ' (skipped: no prlimit here)'}`,
  () => {
    /** Limits this process to so many MiB more than it has mapped. */
    const limit = (more: number) => {
      const { execFileSync } = process.getBuiltinModule('node:child_process');
      const { readFileSync } = process.getBuiltinModule('node:fs');
      const [, kib] = /VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
      const bytes = Number(kib) * 1024 + more * 2 ** 20;
      execFileSync('prlimit', ['--pid', String(process.pid), `--as=${bytes}`]);
    };
    // glibc reserves 64 MiB or more for a thread that begins to allocate, whenever that is.
    const ONE_MALLOC_ARENA = { env: { MALLOC_ARENA_MAX: '1' } };

    it('arenas are smaller, and that is counted', async () => {
      const { captured, refusals, fallbacks, mapped } = await inChild(
        ({ arena, isArenaArray, stats }, source: string) => {
          const limit = new Function(`return ${source}`)() as (more: number) => void;
          arena.sync(() => {});
          limit(100);
          const captured = arena.sync(() => isArenaArray(new Uint8Array(100_000).fill(1)));
          const { refusals, fallbacks, bytes } = stats().thread;
          return { captured, refusals, fallbacks, mapped: bytes.mapped };
        },
        ONE_MALLOC_ARENA,
        String(limit),
      );
      expect(captured).toBe(true);
      expect([32 * MIB, 64 * MIB]).toContain(mapped);
      expect(refusals.reducedArenas).toBe(1);
      expect(refusals.mappings).toBeGreaterThanOrEqual(1);
      expect(fallbacks.memory).toBe(0);
    });

    it('V8 serves what no arena can be mapped for, and that is counted', async () => {
      const { kinds, right, refusals, fallbacks } = await inChild(
        ({ arena, configure, fillPattern, holdsPattern, isArenaArray, stats }, source: string) => {
          const limit = new Function(`return ${source}`)() as (more: number) => void;
          // An arena would need 128 MiB for its alignment.
          configure({ slabBytes: 64 * 2 ** 20, arenaBytes: 64 * 2 ** 20 });
          limit(100);
          const array = arena.sync(() => fillPattern(new Uint8Array(5 * 2 ** 20), 1));
          const buffer = arena.sync(() => fillPattern(Buffer.alloc(10_000), 2), {
            release: 'exit',
          });
          const { refusals, fallbacks } = stats().thread;
          return {
            kinds: [isArenaArray(array), isArenaArray(buffer)],
            right: holdsPattern(array, 1) && holdsPattern(buffer, 2),
            refusals,
            fallbacks,
          };
        },
        ONE_MALLOC_ARENA,
        String(limit),
      );
      expect(kinds).toEqual([false, false]);
      expect(right).toBe(true);
      expect(refusals.mappings).toBeGreaterThanOrEqual(2);
      expect(fallbacks).toEqual({ maxBytes: 0, memory: 2, buffer: 0, callback: 0 });
    });

    it('an array that fits nowhere throws what it throws in plain Node', async () => {
      const [captured, plain] = await inChild(
        ({ arena, noArena }, source: string) => {
          const limit = new Function(`return ${source}`)() as (more: number) => void;
          limit(300);
          const error = (open: (fn: () => unknown) => unknown) => {
            try {
              open(() => new Uint8Array(600 * 2 ** 20));
              return 'made';
            } catch (error) {
              return String(error);
            }
          };
          return [error(arena.sync), error(noArena)];
        },
        ONE_MALLOC_ARENA,
        String(limit),
      );
      expect(captured).toBe(plain);
      expect(plain).toMatch(/^RangeError: Array buffer allocation failed/);
    });
  },
);

// A sandbox is imitated by a seccomp filter, which a small Python program installs.
const refuse = (...calls: string[]) => [
  'python3',
  join(packageRoot, 'test/support/refuse.py'),
  calls.join(','),
];
const sandboxes = isLinux && has(refuse('mbind')[0] as string, ...refuse('mbind').slice(1), 'true');
const HUGE = `madvise:14:0:${1024 * MIB}`;
// V8 cannot live without giving back pages of its own, which are of less than a slab or of an arena.
const DISCARD = `madvise:4:${2 * MIB}:${64 * MIB}`;
// Readable and writable, as arenas are; V8 reserves its own space with no access at all.
const MAPPING = `mmap:3:${128 * MIB}:${1024 * MIB}`;

describe.skipIf(!sandboxes)(
  `in a sandbox${sandboxes ? '' : ' (skipped: no python3 or no seccomp here)'}`,
  () => {
    const workload = ({ arena, clearArenaPool, fillPattern, noArena, stats }: Kit) => {
      const sizes = [500, 100_000, 2_500_000, 5_000_000];
      const expected = sizes.map((size) =>
        noArena(() => [new Uint8Array(size), fillPattern(new Uint8Array(size), 1)] as const),
      );
      const equal = (a?: Uint8Array, b?: Uint8Array) => a && b && Buffer.compare(a, b) === 0;
      let wrong = 0;
      for (let i = 0; i < 30; i++) {
        for (const release of ['collected', 'exit'] as const) {
          arena.sync(
            () => {
              const arrays = sizes.map((size) => new Uint8Array(size));
              if (!arrays.every((array, i) => equal(array, expected[i]?.[0]))) wrong++;
              arrays.forEach((array, i) => {
                array.set(expected[i]?.[1] as Uint8Array);
              });
              if (!arrays.every((array, i) => equal(array, expected[i]?.[1]))) wrong++;
            },
            { release },
          );
        }
      }
      const { captured, fallbacks, refusals, bytes } = stats().thread;
      return {
        wrong,
        captured,
        fallbacks,
        refusals,
        resident: bytes.resident,
        freed: clearArenaPool(),
      };
    };
    const noFallbacks = { maxBytes: 0, memory: 0, buffer: 0, callback: 0 };

    it.each([
      ['mbind', ['mbind'], { policies: 1 }],
      ['huge pages', [HUGE], { hugePages: 1 }],
      ['names', ['prctl'], { names: 1 }],
      ['giving pages back', [DISCARD], {}],
      ['large mappings', [MAPPING], { mappings: 1, reducedArenas: 1 }],
      [
        'all of these',
        ['mbind', 'prctl', HUGE, DISCARD, MAPPING],
        { policies: 1, hugePages: 1, names: 1, mappings: 1, reducedArenas: 1 },
      ],
    ])(
      'that refuses %s everything works, and refusals are counted',
      async (_name, calls, refused) => {
        const result = await inChild(workload, { launcher: refuse(...calls) });
        expect(result).toMatchObject({ wrong: 0, captured: 240, fallbacks: noFallbacks });
        // The kernel may have refused more than the sandbox.
        for (const [what, count] of Object.entries(refused)) {
          expect(result.refusals, what).toHaveProperty(
            what,
            expect.toSatisfy((n) => n >= count),
          );
        }
        expect(result.freed).toBeGreaterThan(0);
      },
    );

    it('that refuses giving pages back an idle thread keeps them', async () => {
      const result = await inChild(
        async (kit) => {
          const { configure, stats, work } = kit as Kit & { work: typeof workload };
          configure({ trimAfter: 10 });
          let wrong = 0;
          for (let round = 0; round < 4; round++) {
            wrong += work({ ...kit, clearArenaPool: () => 0 }).wrong;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
          return { wrong, resident: stats().thread.bytes.resident };
        },
        { launcher: refuse(DISCARD), extras: { work: workload } },
      );
      expect(result.wrong).toBe(0);
      expect(result.resident).toBeGreaterThan(8 * MIB);
    });

    it('that refuses mincore resident bytes are unknown, and nothing else is', async () => {
      const result = await inChild(workload, { launcher: refuse('mincore') });
      expect(result).toMatchObject({ wrong: 0, captured: 240, fallbacks: noFallbacks, freed: 0 });
      expect(result).not.toHaveProperty('resident');
    });
  },
);

describe('where the native part cannot be loaded', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'arena-pirate-unbuilt-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const BINARY = 'build/Release/arena_pirate.node';

  /** A copy of the package as it is installed, with another binary or none. */
  const copyOfPackage = (name: string, binary?: Buffer): string => {
    const folder = join(scratch, name);
    cpSync(join(packageRoot, 'dist'), join(folder, 'dist'), { recursive: true });
    cpSync(join(packageRoot, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
    if (binary !== undefined) {
      mkdirSync(join(folder, 'build/Release'), { recursive: true });
      writeFileSync(join(folder, BINARY), binary);
    }
    return folder;
  };

  const forAnotherMachine = () => {
    const binary = readFileSync(join(packageRoot, BINARY));
    // The machine in an ELF header; 8 is MIPS.
    binary.writeUInt16LE(8, 18);
    return binary;
  };

  // Mapping what a file does not have ends a process with SIGBUS: the system's loader does not look.
  const cut = (share: number) => {
    const binary = readFileSync(join(packageRoot, BINARY));
    return binary.subarray(0, Math.max(40, Math.floor(binary.length * share)));
  };

  const wrongBinaries: [string, (() => Buffer) | undefined][] = [
    ['is missing', undefined],
    ['is for another machine', forAnotherMachine],
    ['is empty', () => Buffer.alloc(0)],
    ['is not a binary', () => Buffer.from('<html>404 Not Found</html>')],
    ['is cut short', () => cut(0.5)],
    ['lacks its last byte', () => cut(1 - Number.EPSILON)],
    ['is cut short in its header', () => cut(0)],
  ];

  it.each(wrongBinaries)(
    'because it %s, loading throws ERR_ARENA_NOT_BUILT and names the repair',
    async (name, binary) => {
      const folder = copyOfPackage(name, binary?.());
      const source = `
        const native = String(Float64Array) + Object.getOwnPropertyNames(Float64Array);
        const errors = [];
        const note = ({ code, message, cause }) =>
          errors.push({ code, message, cause: cause instanceof Error });
        try { require(${JSON.stringify(folder)}) } catch (error) { note(error) }
        try { require(${JSON.stringify(join(folder, 'dist/register.js'))}) } catch (error) { note(error) }
        import(${JSON.stringify(join(folder, 'dist/index.mjs'))}).catch(note).then(() => {
          const untouched =
            native === String(Float64Array) + Object.getOwnPropertyNames(Float64Array) &&
            new Float64Array(10).constructor === Float64Array;
          require('node:fs').writeSync(3, JSON.stringify({ errors, untouched }));
        });`;
      const { status, answer, stderr } = await runChild([process.execPath, '--eval', source]);
      expect([status, stderr]).toEqual([0, '']);
      const { errors, untouched } = JSON.parse(answer);
      expect(errors).toHaveLength(3);
      for (const error of errors) {
        expect(error.code).toBe('ERR_ARENA_NOT_BUILT');
        expect(error.message).toContain('npx arena-pirate build');
        expect(error.message).toContain(folder);
        expect(error.message).toContain(`${process.platform}-${process.arch}`);
        expect(error.cause).toBe(true);
      }
      expect(untouched).toBe(true);
    },
  );

  it('node --require arena-pirate/register ends with that error', async () => {
    const folder = copyOfPackage('registered');
    const register = join(folder, 'dist/register.js');
    const { status, stderr } = await runChild([
      process.execPath,
      '--require',
      register,
      '--eval',
      '0',
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/ERR_ARENA_NOT_BUILT/);
    expect(stderr).toMatch(/npx arena-pirate build/);
  });

  it('the command line works all the same', async () => {
    const folder = copyOfPackage('command-line');
    const { status, stdout } = await runChild([
      process.execPath,
      join(folder, 'dist/cli.js'),
      '--help',
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/build/);
  });

  it('a build of Node without external ArrayBuffers gets ERR_ARENA_UNSUPPORTED', async () => {
    const folder = copyOfPackage('sandboxed');
    rmSync(join(folder, 'node_modules'));
    // Stands in for the addon, which finds this out and returns no counters.
    mkdirSync(join(folder, 'node_modules/bindings'), { recursive: true });
    const { layout } = require(join(packageRoot, BINARY)) as { layout: unknown };
    const addon = `module.exports = () => ({ layout: ${JSON.stringify(layout)}, attach: () => ({}) });`;
    writeFileSync(join(folder, 'node_modules/bindings/index.js'), addon);
    const source = `
      try { require(${JSON.stringify(folder)}) } catch ({ code, message }) {
        require('node:fs').writeSync(3, code + ' ' + message);
      }`;
    const { answer } = await runChild([process.execPath, '--eval', source]);
    expect(answer).toMatch(/^ERR_ARENA_UNSUPPORTED .*external ArrayBuffers/);
  });

  it('none of this has touched the package itself', () => {
    expect(existsSync(join(packageRoot, BINARY))).toBe(true);
  });
});
