// Flags of Node and V8 under which collections come at other times, code is compiled otherwise or
// not at all, and parts of the language or of Node are missing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inChild, type Kit, runChild, STRESS_COMPACTION } from './support/child.js';
import { packageRoot, run } from './support/run.js';

/** What is wrong with `flags` on the running version: nothing, or that Node does not know them. */
function problemWith(flags: readonly string[]): string {
  const { status } = run(process.execPath, [...flags, '--eval', '0']);
  return status === 0 ? '' : ` (skipped: Node ${process.version} has no such flag)`;
}

/** Scopes of both kinds, arrays of all sizes, dropped ones and kept ones; counts what is wrong. */
const workload = async (kit: Kit) => {
  const { arena, clearArenaPool, copyFromArena, fillPattern, holdsPattern, noArena, stats } = kit;
  const zeros = noArena(() => Buffer.alloc(1_500_000));
  let wrong = 0;
  const check = (holds: boolean) => {
    if (!holds) wrong++;
  };
  const kept: { array: Uint8Array; seed: number }[] = [];
  for (let round = 0; round < 12; round++) {
    const release = round % 2 === 0 ? 'collected' : 'exit';
    const array = await arena(
      async () => {
        const large = Buffer.alloc(1_500_000);
        check(large.equals(zeros));
        large.fill(round + 1);
        const own = fillPattern(new Uint8Array(2000), round);
        const part = own.subarray(5, 500);
        const doubled = new Float64Array(300).fill(round).map((x) => 2 * x);
        await new Promise((resolve) => setImmediate(resolve));
        for (let i = 0; i < 60; i++) {
          arena.sync(() => new Int32Array(200).fill(-1), { release });
          arena.sync(() => new Uint8Array(40_000).fill(255));
        }
        const fresh = new Uint8Array(1000);
        check(fresh.every((byte) => byte === 0));
        check(holdsPattern(own, round) && holdsPattern(part, round + 5));
        check(part.byteOffset === 5 && part.buffer.byteLength === 2000);
        check(structuredClone(part).buffer.byteLength === 2000);
        check(doubled[299] === 2 * round && large[1_499_999] === round + 1);
        check(holdsPattern(copyFromArena(own), round));
        return own;
      },
      { release },
    );
    kept.push({ array, seed: round });
    if (kept.length > 6) kept.shift();
    check(kept.every(({ array, seed }) => holdsPattern(array, seed)));
    if (round % 5 === 4) clearArenaPool();
  }
  return { wrong, captured: stats().thread.captured };
};

const rightAndCaptured = { wrong: 0, captured: expect.toSatisfy((count) => count > 1000) };

const FLAGS = [
  ['--jitless'],
  ['--always-sparkplug'],
  STRESS_COMPACTION,
  ['--stress-scavenge=50'],
  ['--stress-marking=50'],
  ['--gc-interval=200'],
  ['--max-semi-space-size=1'],
  ['--minor-ms'],
  ['--conservative-stack-scanning'],
  ['--single-threaded'],
  ['--disable-proto=delete'],
  // V8 ends the process when one is set nevertheless.
  ['--freeze-flags-after-init'],
].map((flags) => ({ flags, name: `${flags.join(' ')}${problemWith(flags)}` }));

describe('scopes of both kinds keep every value with', () => {
  for (const { flags, name } of FLAGS) {
    it.skipIf(name.includes('skipped'))(name, async () => {
      expect(await inChild(workload, { flags })).toEqual(rightAndCaptured);
    });
  }
});

describe('what Node has been told to fill with zeros', () => {
  /** Which functions have given old bytes, once memory is full of them. */
  const showingOldBytes = async ({ arena }: Kit) => {
    const found = new Set<string>();
    for (const release of ['collected', 'exit'] as const) {
      for (let round = 0; round < 20; round++) {
        arena.sync(() => new Uint8Array(1_000_000).fill(0xee), { release });
        await new Promise(setImmediate);
        arena.sync(
          () => {
            for (const name of ['allocUnsafe', 'allocUnsafeSlow'] as const) {
              for (let i = 0; i < 100; i++) {
                if (Buffer[name](5000).includes(0xee)) found.add(`${name} in '${release}'`);
              }
            }
          },
          { release },
        );
      }
    }
    return [...found];
  };

  it.each([
    ['on its command line', { flags: ['--zero-fill-buffers'] }],
    ['with underscores', { flags: ['--zero_fill_buffers'] }],
    ['in NODE_OPTIONS', { env: { ...process.env, NODE_OPTIONS: '--zero-fill-buffers' } }],
  ])('is filled in scopes, too: %s', async (_, options) => {
    expect(await inChild(showingOldBytes, options)).toEqual([]);
  });

  it('is what it was where Node has not', async () => {
    expect(await inChild(showingOldBytes)).toContain("allocUnsafe in 'exit'");
  });
});

/** How loading the package ends: with an error of its own, or with nothing replaced. */
const load = `
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => /Array|Buffer/.test(name));
  const before = names.map((name) => globalThis[name]);
  let error;
  try { require(${JSON.stringify(packageRoot)}) } catch ({ name, code, message }) {
    error = { name, code, message };
  }
  const replaced = names.filter((name, i) => globalThis[name] !== before[i]);
  require('node:fs').writeSync(3, JSON.stringify({ error, replaced }));`;

async function loadingWith(flags: readonly string[], before = '') {
  const command = [process.execPath, ...flags, '--eval', `${before};${load}`];
  const { answer } = await runChild(command);
  return JSON.parse(answer) as {
    error?: { name: string; code: string; message: string };
    replaced: string[];
  };
}

const unsupported = (message: RegExp) => ({
  error: {
    name: 'ArenaError',
    code: 'ERR_ARENA_UNSUPPORTED',
    message: expect.stringMatching(message),
  },
  replaced: [],
});

describe('loading throws ERR_ARENA_UNSUPPORTED, says what to do and replaces nothing', () => {
  it('with --frozen-intrinsics', async () => {
    const ending = await loadingWith(['--frozen-intrinsics']);
    expect(ending).toEqual(unsupported(/without --frozen-intrinsics/));
  });

  it('where other code has frozen %TypedArray%.prototype', async () => {
    const ending = await loadingWith([], 'Object.freeze(Uint8Array.prototype.__proto__)');
    expect(ending).toEqual(unsupported(/load arena-pirate before what freezes them/));
  });

  it('with --no-addons', async () => {
    expect(await loadingWith(['--no-addons'])).toEqual(unsupported(/without --no-addons/));
  });
});

// Node 20 has it under its experimental name, and later versions under the other.
const permission =
  problemWith(['--permission']) === '' ? '--permission' : '--experimental-permission';

describe(`where ${permission} is on`, () => {
  const readable = '--allow-fs-read=*';

  it('and addons are not allowed, loading throws ERR_ARENA_UNSUPPORTED and says what to do', async () => {
    expect(await loadingWith([permission, readable])).toEqual(unsupported(/--allow-addons/));
  });

  it('and addons are allowed, scopes keep every value', async () => {
    const flags = [permission, readable, '--allow-addons'];
    expect(await inChild(workload, { flags })).toEqual(rightAndCaptured);
  });
});

describe('snapshots', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'arena-pirate-snapshots-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('of the heap, made inside scopes of both kinds, are whole and disturb nothing', async () => {
    const seen = await inChild(
      async ({ arena, fillPattern, holdsPattern }, file: string) => {
        const { readFileSync } = require('node:fs') as typeof import('node:fs');
        const v8 = require('node:v8') as typeof import('node:v8');
        const isWhole = (text: string) => {
          const { snapshot, nodes } = JSON.parse(text);
          return nodes.length === snapshot.node_count * snapshot.meta.node_fields.length;
        };
        const streamed = async () => {
          const chunks: Buffer[] = [];
          for await (const chunk of v8.getHeapSnapshot()) chunks.push(chunk);
          return Buffer.concat(chunks).toString();
        };
        const written = async () => readFileSync(v8.writeHeapSnapshot(file), 'utf8');
        const inScope = (release: 'collected' | 'exit', snapshot: () => Promise<string>) =>
          arena(
            async () => {
              const own = fillPattern(new Uint8Array(5000), 1);
              const whole = isWhole(await snapshot());
              const zero = new Uint8Array(5000).every((byte) => byte === 0);
              return { whole, zero, holds: holdsPattern(own, 1) };
            },
            { release },
          );
        return [await inScope('collected', streamed), await inScope('exit', written)];
      },
      {},
      join(scratch, 'heap.heapsnapshot'),
    );
    const right = { whole: true, zero: true, holds: true };
    expect(seen).toEqual([right, right]);
  });

  describe('of Node, as it starts', () => {
    const requireFrom = `require('node:module').createRequire(${JSON.stringify(packageRoot)})`;
    const start = `require('node:v8').startupSnapshot.setDeserializeMainFunction`;
    const blob = () => join(scratch, 'start.blob');

    function build(entry: string): ReturnType<typeof run> {
      const file = join(scratch, 'entry.cjs');
      writeFileSync(file, entry);
      return run(process.execPath, ['--snapshot-blob', blob(), '--build-snapshot', file]);
    }

    it('cannot hold the package: loading throws ERR_ARENA_UNSUPPORTED and says what to do', () => {
      const { status, stdout } = build(`
        try { ${requireFrom}('arena-pirate') } catch ({ code, message }) {
          console.log(code, message);
        }`);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^ERR_ARENA_UNSUPPORTED .*setDeserializeMainFunction/);
    });

    it('may load it once they run', () => {
      const built = build(`
        ${start}(() => {
          const { arena, isArenaArray } = ${requireFrom}('arena-pirate');
          console.log(isArenaArray(arena.sync(() => new Float64Array(1000))));
        });`);
      expect(built.status).toBe(0);
      const { stdout } = run(process.execPath, ['--snapshot-blob', blob()]);
      expect(stdout).toBe('true\n');
    });
  });
});

describe("a program's own gc in the place of V8's", () => {
  const program = (wrapper: string) => `
    const { setFlagsFromString } = require('node:v8');
    const builtIn = globalThis.gc ?? (setFlagsFromString('--expose-gc'), require('node:vm').runInNewContext('gc'));
    if (globalThis.gc === undefined) setFlagsFromString('--no-expose-gc');
    const hasFlag = globalThis.gc !== undefined;
    let calls = 0;
    globalThis.gc = ${wrapper};
    const { arena, configure, stats } = require('arena-pirate');
    configure({ collectBudget: 4 * 1024 * 1024 });
    for (let round = 0; round < 20; round++) {
      arena.sync(() => {
        for (let i = 0; i < 200; i++) if (new Uint8Array(60000).fill(7)[59999] !== 7) throw i;
      });
    }
    const stillThere = require('node:vm').runInNewContext('typeof gc') === 'function';
    console.log(JSON.stringify([calls, stats().thread.collections.count > 0, stillThere === hasFlag]));`;

  it.each([
    ['a function', '(options) => { calls++; new Uint8Array(300000); return builtIn(options); }'],
    ['a function of that name', 'function gc() { calls++; new Uint8Array(300000); }'],
    ['a bound function', '(function () { calls++; new Uint8Array(300000); }).bind()'],
    ['a Proxy', 'new Proxy(builtIn, { apply() { calls++; new Uint8Array(300000); } })'],
    ['no function', '7'],
  ])('is not called: %s', (_, wrapper) => {
    for (const flags of [[], ['--expose-gc']]) {
      const { stdout, stderr } = run(process.execPath, [...flags, '--eval', program(wrapper)]);
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual([0, true, true]);
    }
  });
});
