import { arena, clearArenaPool, configure, isArenaArray, stats } from 'arena-pirate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inChild, type Kit, runChild, tryInChild } from './support/child.js';
import { fillPattern, holdsPattern } from './support/pattern.js';
import { thrownBy } from './support/scopes.js';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

const initial = configure();

beforeEach(() => {
  clearArenaPool();
});

afterEach(() => {
  clearArenaPool();
  configure(initial);
});

const capturedAt = (bytes: number) => isArenaArray(arena.sync(() => new Uint8Array(bytes)));

describe('configure', () => {
  it('starts with the documented defaults', () => {
    const { maxBytes, ...rest } = initial;
    expect(rest).toEqual({
      minBytes: 65,
      release: 'collected',
      zeroFill: true,
      arenaBytes: 128 * MIB,
      slabBytes: 2 * MIB,
      collectBudget: 16 * MIB,
      trimAfter: 30_000,
      hugePages: true,
      numa: 'local',
      check: false,
    });
    expect(Number.isSafeInteger(maxBytes)).toBe(true);
  });

  it('changes nothing without changes, and returns a copy', () => {
    expect(configure()).toEqual(initial);
    expect(configure({})).toEqual(initial);
    expect(configure({ minBytes: undefined as never })).toEqual(initial);
    (configure() as { minBytes: number }).minBytes = 1;
    expect(configure().minBytes).toBe(65);
  });

  it.each([
    { minBytes: 1 },
    { minBytes: Number.MAX_SAFE_INTEGER },
    { release: 'exit' },
    { zeroFill: false },
    { slabBytes: 64 * KIB },
    { slabBytes: GIB, arenaBytes: GIB, maxBytes: GIB },
    { arenaBytes: 2 * MIB },
    { arenaBytes: 6 * MIB },
    { maxBytes: 2 * MIB },
    { maxBytes: 3 * MIB + 1 },
    { collectBudget: 0 },
    { trimAfter: 1 },
    { trimAfter: 2 ** 31 - 1 },
    { trimAfter: Number.POSITIVE_INFINITY },
    { hugePages: false },
    { check: true },
    { numa: 'interleave' },
    { numa: 0 },
  ] as const)('accepts %o, returns it and keeps the rest', (changes) => {
    expect(configure(changes)).toEqual({ ...initial, ...changes });
    expect(configure()).toEqual({ ...initial, ...changes });
  });
});

describe('configure refuses', () => {
  it.each([
    [
      { minBytes: 0 },
      'Expected an integer of 1 or more for minBytes but received 0 of type number',
    ],
    [{ minBytes: 1.5 }, 'Expected an integer of 1 or more for minBytes but received 1.5 of'],
    [{ minBytes: '65' }, "for minBytes but received '65' of type string"],
    [{ minBytes: Number.NaN }, 'for minBytes but received NaN of type number'],
    [{ minBytes: Number.POSITIVE_INFINITY }, 'for minBytes but received Infinity'],
    [{ minBytes: 10n }, 'for minBytes but received 10 of type bigint'],
    [{ minBytes: null }, 'for minBytes but received null'],
    [{ minBytes: [65] }, 'for minBytes but received an instance of Array'],
    [{ release: 'never' }, "Expected 'collected' or 'exit' for release but received 'never'"],
    [{ release: true }, "'exit' for release but received true of type boolean"],
    [{ zeroFill: 1 }, 'Expected true or false for zeroFill but received 1 of type number'],
    [{ hugePages: 'yes' }, "Expected true or false for hugePages but received 'yes' of"],
    [{ hugePages: () => true }, 'for hugePages but received function hugePages'],
    [{ slabBytes: 32 * KIB }, 'Expected a power of two from 64 KiB to 1 GiB for slabBytes but'],
    [{ slabBytes: 2 * GIB }, 'for slabBytes but received 2147483648'],
    [{ slabBytes: 3 * MIB }, 'for slabBytes but received 3145728'],
    [{ arenaBytes: 0 }, 'Expected a multiple of slabBytes for arenaBytes but received 0'],
    [{ arenaBytes: 3 * MIB }, 'Expected a multiple of slabBytes (2097152) for arenaBytes but'],
    [{ slabBytes: 256 * MIB }, 'Expected a multiple of slabBytes (268435456) for arenaBytes but'],
    [{ maxBytes: -1 }, 'Expected an integer of slabBytes or more for maxBytes but received -1'],
    [{ maxBytes: MIB }, 'Expected an integer of slabBytes (2097152) or more for maxBytes but'],
    [{ trimAfter: 0 }, 'Expected an integer of milliseconds from 1 to 2147483647, or Infinity for'],
    [{ trimAfter: 0.5 }, 'for trimAfter but received 0.5'],
    [{ trimAfter: 2 ** 31 }, 'for trimAfter but received 2147483648'],
    [{ trimAfter: '5' }, "for trimAfter but received '5'"],
    [{ collectBudget: -1 }, 'Expected an integer of 0 or more for collectBudget but received -1'],
    [
      { plunder: 1 },
      'Expected an option named minBytes, release, zeroFill, arenaBytes, slabBytes, ',
    ],
    [{ concurrency: 1 }, "but received 'concurrency'"],
    [{ toString: 1 }, "but received 'toString'"],
  ])('%o, and says what it expected', (changes, message) => {
    const error = thrownBy(() => configure(changes as never));
    expect(error).toMatchObject({ name: 'ArenaError', code: 'ERR_ARENA_INVALID_OPTION' });
    expect((error as Error).message).toContain(message);
  });

  it.each([null, 5, 'exit', () => ({})])('%s in place of the options', (options) => {
    expect(thrownBy(() => configure(options as never))).toMatchObject({
      code: 'ERR_ARENA_INVALID_ARG',
      message: expect.stringMatching(/^Expected an object for options but received /),
    });
  });

  it.each([
    { minBytes: 500, plunder: 1 },
    { minBytes: 500, slabBytes: 5 },
    { minBytes: 500, maxBytes: MIB },
  ])('%o altogether: the good options with the bad one', (changes) => {
    expect(() => configure(changes as never)).toThrow();
    expect(configure()).toEqual(initial);
    expect(capturedAt(100)).toBe(true);
  });

  it('another slabBytes while an arena is mapped, and takes it after clearArenaPool', () => {
    arena.sync(() => new Uint8Array(1000));
    expect(thrownBy(() => configure({ slabBytes: MIB, minBytes: 500 }))).toMatchObject({
      code: 'ERR_ARENA_IN_USE',
    });
    expect(configure()).toEqual(initial);
    expect(configure({ slabBytes: 2 * MIB, minBytes: 66 }).minBytes).toBe(66);
    clearArenaPool();
    expect(configure({ slabBytes: MIB }).slabBytes).toBe(MIB);
    expect(capturedAt(1000)).toBe(true);
  });
});

describe('what is configured', () => {
  it('minBytes is the smallest array that is captured, and scopes may say otherwise', () => {
    configure({ minBytes: 200 });
    expect([capturedAt(199), capturedAt(200)]).toEqual([false, true]);
    const options = { minBytes: 100 };
    expect(isArenaArray(arena.sync(() => new Uint8Array(100), options))).toBe(true);
    configure({ minBytes: 1 });
    expect([capturedAt(0), capturedAt(1), capturedAt(64)]).toEqual([false, true, true]);
  });

  it('release is that of scopes that do not say', () => {
    configure({ release: 'exit' });
    expect(isArenaArray(arena.sync(() => new Uint8Array(1000)))).toBe(false);
    expect(isArenaArray(arena.sync(() => new Uint8Array(1000), { release: 'collected' }))).toBe(
      true,
    );
  });

  it('zeroFill false shows old bytes, true never does', () => {
    const dirty = (zeroFill: boolean) => {
      configure({ zeroFill });
      arena.sync(() => new Uint8Array(4000).fill(7), { release: 'exit' });
      return arena.sync(() => new Uint8Array(4000).includes(7), { release: 'exit' });
    };
    expect([dirty(false), dirty(true)]).toEqual([true, false]);
  });

  it('arenaBytes is what is mapped at a time', () => {
    configure({ arenaBytes: 6 * MIB });
    arena.sync(() => new Uint8Array(1000));
    expect(stats().thread.bytes.mapped).toBe(6 * MIB);
  });

  it('maxBytes is the most that is mapped; beyond it arrays come from V8', () => {
    configure({ maxBytes: 4 * MIB });
    const before = stats().thread.fallbacks.maxBytes;
    const arrays = arena.sync(() =>
      [1, 2, 3].map((seed) => fillPattern(new Uint8Array(2 * MIB), seed)),
    );
    expect(arrays.map(isArenaArray)).toEqual([true, true, false]);
    expect(arrays.map((array, i) => holdsPattern(array, i + 1))).toEqual([true, true, true]);
    expect(stats().thread.bytes.mapped).toBe(4 * MIB);
    expect(stats().thread.fallbacks.maxBytes - before).toBe(1);
  });

  it.each([
    [0, true],
    [GIB, false],
  ])('collectBudget %d collects while memory waits: %s', (collectBudget, collects) => {
    configure({ collectBudget });
    const before = stats().thread.collections.count;
    arena.sync(() => {
      for (let i = 0; i < 20; i++) new Uint8Array(2 * MIB)[0] = 1;
    });
    expect(stats().thread.collections.count > before).toBe(collects);
  });

  it.each([
    { slabBytes: 64 * KIB, arenaBytes: 64 * KIB },
    { slabBytes: 64 * KIB, arenaBytes: 640 * KIB, minBytes: 1 },
    { slabBytes: 128 * KIB, arenaBytes: 128 * KIB, collectBudget: 0, hugePages: false },
    { slabBytes: MIB, arenaBytes: 3 * MIB },
  ])('%o serves arrays of many sizes, in either release', (changes) => {
    configure(changes);
    const slab = changes.slabBytes;
    const edges = [slab / 16, slab / 2, slab, 3 * slab].flatMap((n) => [n - 1, n, n + 1]);
    const sizes = [1, 63, 64, 65, 1000, 4096, ...edges];
    for (const release of ['collected', 'exit', 'collected', 'exit'] as const) {
      const arrays = arena.sync(
        () =>
          sizes.map((size, seed) => {
            const array = new Uint8Array(size);
            if (array.some((byte) => byte !== 0)) throw new Error(`${size} bytes: not zero`);
            return fillPattern(array, seed);
          }),
        { release, copyResult: false },
      );
      expect(
        sizes.filter((size, i) => isArenaArray(arrays[i]) !== size >= configure().minBytes),
      ).toEqual([]);
      expect(arrays.map((array) => array.length)).toEqual(sizes);
      expect(arrays.map((array) => array.buffer.byteLength)).toEqual(sizes);
      expect(arrays.every(holdsPattern)).toBe(true);
    }
  });
});

describe('the environment', () => {
  const configIn = (env: NodeJS.ProcessEnv) =>
    inChild(({ configure }: Kit) => configure(), { env });

  it('sets every option', async () => {
    const config = await configIn({
      ARENA_PIRATE_MIN_BYTES: '256',
      ARENA_PIRATE_RELEASE: 'exit',
      ARENA_PIRATE_ZERO_FILL: 'false',
      ARENA_PIRATE_ARENA_BYTES: '64MiB',
      ARENA_PIRATE_SLAB_BYTES: '64K',
      ARENA_PIRATE_MAX_BYTES: '2GiB',
      ARENA_PIRATE_COLLECT_BUDGET: '0',
      ARENA_PIRATE_TRIM_AFTER: '2500',
      ARENA_PIRATE_HUGE_PAGES: '0',
      ARENA_PIRATE_NUMA: 'interleave',
      ARENA_PIRATE_CHECK: '1',
    });
    expect(config).toEqual({
      minBytes: 256,
      release: 'exit',
      zeroFill: false,
      arenaBytes: 64 * MIB,
      slabBytes: 64 * KIB,
      maxBytes: 2 * GIB,
      collectBudget: 0,
      trimAfter: 2500,
      hugePages: false,
      numa: 'interleave',
      check: true,
    });
  });

  it('accepts other spellings, and takes an empty variable for none', async () => {
    const config = await configIn({
      ARENA_PIRATE_MIN_BYTES: '',
      ARENA_PIRATE_ARENA_BYTES: '4 mb',
      ARENA_PIRATE_SLAB_BYTES: ' 1048576 ',
      ARENA_PIRATE_MAX_BYTES: '1g',
      ARENA_PIRATE_ZERO_FILL: 'TRUE',
      ARENA_PIRATE_HUGE_PAGES: '1',
    });
    expect(config).toMatchObject({
      minBytes: 65,
      arenaBytes: 4 * MIB,
      slabBytes: MIB,
      maxBytes: GIB,
      zeroFill: true,
      hugePages: true,
    });
  });

  it('decides what scopes do, in workers too, and configure overrides it', async () => {
    const result = await inChild(
      async ({ arena, configure, isArenaArray, startWorker }: Kit) => {
        const captured = (bytes: number) => isArenaArray(arena.sync(() => new Uint8Array(bytes)));
        const before = [captured(499), captured(500)];
        configure({ minBytes: 100 });
        const worker = startWorker(({ configure }: Kit) => {
          const { parentPort } = process.getBuiltinModule('node:worker_threads');
          parentPort?.postMessage(configure().minBytes);
        });
        const inWorker = await new Promise((resolve) => worker.once('message', resolve));
        return { before, after: captured(100), inWorker };
      },
      { env: { ARENA_PIRATE_MIN_BYTES: '500' } },
    );
    expect(result).toEqual({ before: [false, true], after: true, inWorker: 500 });
  });

  it.each([
    ['ARENA_PIRATE_MIN_BYTES', '0', 'an integer of 1 or more'],
    ['ARENA_PIRATE_MIN_BYTES', '1.5K', 'an integer of 1 or more'],
    ['ARENA_PIRATE_RELEASE', 'Exit', "'collected' or 'exit'"],
    ['ARENA_PIRATE_ZERO_FILL', 'yes', 'true or false'],
    ['ARENA_PIRATE_ARENA_BYTES', '1', 'a multiple of slabBytes'],
    ['ARENA_PIRATE_SLAB_BYTES', '3MiB', 'a power of two from 64 KiB to 1 GiB'],
    ['ARENA_PIRATE_MAX_BYTES', '-1', 'an integer of slabBytes or more'],
    ['ARENA_PIRATE_COLLECT_BUDGET', '1TiB', 'an integer of 0 or more'],
    ['ARENA_PIRATE_HUGE_PAGES', 'constructor', 'true or false'],
  ])('with %s=%s makes loading throw, which names the variable', async (name, text, expected) => {
    const { status, stderr } = await tryInChild(() => 0, { env: { [name]: text } });
    expect(status).toBe(1);
    expect(stderr).toContain(
      `Expected ${expected} for ${name} but received '${text}' of type string [ERR_ARENA_INVALID_OPTION`,
    );
  });

  it.each<[NodeJS.ProcessEnv, string]>([
    [
      { ARENA_PIRATE_ARENA_BYTES: '1MiB' },
      "a multiple of ARENA_PIRATE_SLAB_BYTES (2097152) for ARENA_PIRATE_ARENA_BYTES but received '1MiB' of",
    ],
    [
      { ARENA_PIRATE_SLAB_BYTES: '256MiB' },
      'a multiple of ARENA_PIRATE_SLAB_BYTES (268435456) for ARENA_PIRATE_ARENA_BYTES but received 134217728',
    ],
    [
      { ARENA_PIRATE_MAX_BYTES: '1MiB' },
      "an integer of ARENA_PIRATE_SLAB_BYTES (2097152) or more for ARENA_PIRATE_MAX_BYTES but received '1MiB'",
    ],
  ])('with %o, which do not go together, makes loading throw, too', async (env, message) => {
    const { status, stderr } = await tryInChild(() => 0, { env });
    expect(status).toBe(1);
    expect(stderr).toContain(`Expected ${message}`);
    expect(stderr).toContain('[ERR_ARENA_INVALID_OPTION');
  });

  const stderrOf = async (env: NodeJS.ProcessEnv, program: (kit: Kit) => unknown = () => 0) => {
    const { status, stderr } = await tryInChild(program, { env });
    expect(status).toBe(0);
    return stderr;
  };
  const known = Object.keys(configure()).map(
    (name) => `ARENA_PIRATE_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`,
  );
  const pinning = ['ARENA_PIRATE_PIN', 'ARENA_PIRATE_PIN_NODE', 'ARENA_PIRATE_PIN_THREADS'];

  it('is warned of, once and with the names that there are, where it has others', async () => {
    const stderr = await stderrOf(
      { ARENA_PIRATE_MAXBYTES: '1', ARENA_PIRATE_PINS: 'numa', ARENA_PIRATE_MIN_BYTES: '70' },
      // Workers have the environment, too.
      async ({ startWorker }) => {
        const worker = startWorker(() => 0);
        await new Promise((resolve) => worker.once('exit', resolve));
      },
    );
    expect(stderr.match(/\] Warning: .*/g)).toEqual([
      '] Warning: Unknown environment variables have no effect: ARENA_PIRATE_MAXBYTES, ARENA_PIRATE_PINS. ' +
        `Known ones are ${[...known, ...pinning].join(', ')}`,
    ]);
    expect(stderr).toContain('[ERR_ARENA_INVALID_OPTION] Warning: Unknown');
  });

  it('is warned of where it says how to pin, and not that', async () => {
    const env = { ARENA_PIRATE_PIN: '', ARENA_PIRATE_PIN_NODE: '0', ARENA_PIRATE_PIN_THREADS: 'x' };
    const stderr = await stderrOf(env, async ({ startWorker }) => {
      const worker = startWorker(() => 0);
      await new Promise((resolve) => worker.once('exit', resolve));
    });
    expect(stderr.match(/\[ERR.*\] Warning: .*/g)).toEqual([
      '[ERR_ARENA_INVALID_OPTION] Warning: Environment variables have no effect without ARENA_PIRATE_PIN: ' +
        'ARENA_PIRATE_PIN_NODE, ARENA_PIRATE_PIN_THREADS',
    ]);
  });

  it('is warned of in a worker where the main thread has not loaded the package', async () => {
    const { stderr } = await runChild(
      [
        process.execPath,
        '--eval',
        `new (require('node:worker_threads').Worker)("require('arena-pirate')", { eval: true })`,
      ],
      { env: { ARENA_PIRATE_MAXBYTES: '1' } },
    );
    expect(stderr.match(/Unknown environment variables .*: ARENA_PIRATE_MAXBYTES\./g)).toHaveLength(
      1,
    );
  });

  it.each([
    [
      'known',
      { ARENA_PIRATE_MIN_BYTES: '70', ARENA_PIRATE_NUMA: 'local', ARENA_PIRATE_CHECK: '1' },
    ],
    ['empty', { ARENA_PIRATE_MAXBYTES: '', ARENA_PIRATE_PIN_NODE: '' }],
    ["other programs'", { ARENA_PIRATES: '1', MY_ARENA_PIRATE_MAXBYTES: '1' }],
  ])('is not warned of where its variables are %s', async (_name, env) => {
    expect(await stderrOf(env)).toBe('');
  });
});
