// Programs that must answer in scopes what they answer in plain Node. They travel as source text:
// each is run in this realm before arena-pirate is loaded, and again with it.
import { createRequire } from 'node:module';
import vm from 'node:vm';
import type { ArenaOptions, Release } from 'arena-pirate';
import { beforeAll, expect, it } from 'vitest';
import { holdsBigInts, outcomeOf } from './outcome.js';

type ArenaPirate = typeof import('arena-pirate');

/** Loads the package, and with it replaces the constructors of this realm. */
export function loadArenaPirate(): ArenaPirate {
  return createRequire(import.meta.url)('arena-pirate') as ArenaPirate;
}

/** The surroundings in which a program is run again. */
interface Mode {
  readonly title: string;
  /** Whether arrays of 1 byte and more come from arenas. */
  readonly captures: boolean;
  run(arenaPirate: ArenaPirate, check: () => void): void | Promise<void>;
}

const outside: Mode = { title: 'outside all scopes', captures: false, run: (_, check) => check() };

function inScope(release: Release, minBytes: number): Mode {
  const options: ArenaOptions = { release, minBytes, copyResult: false };
  return {
    title: `in '${release}' scopes from ${minBytes} bytes`,
    captures: true,
    run: ({ arena }, check) => arena.sync(check, options),
  };
}

function afterAwait(release: Release): Mode {
  return {
    title: `after an await in '${release}' scopes`,
    captures: true,
    run: ({ arena }, check) =>
      arena(
        async () => {
          await undefined;
          check();
        },
        { release, minBytes: 1, copyResult: false },
      ),
  };
}

const MODES: readonly Mode[] = [
  outside,
  inScope('collected', 65),
  inScope('collected', 1),
  inScope('exit', 65),
  inScope('exit', 1),
  afterAwait('collected'),
  afterAwait('exit'),
];

/** What programs find besides the globals. */
const helpers = {
  /** A proxy that logs what is done to it. */
  logged(log: (...values: unknown[]) => void, target: object, name = 'proxy'): object {
    const traps = new Proxy(
      {},
      {
        get: (_, trap: keyof typeof Reflect) => {
          return (...args: unknown[]) => {
            const key = typeof args[1] === 'object' ? '' : String(args[1]);
            log(`${name} ${String(trap)} ${key}`);
            return Reflect.apply(Reflect[trap] as () => unknown, undefined, args);
          };
        },
      },
    );
    return new Proxy(target, traps);
  },

  /** An object that logs when it is made a primitive. */
  number(log: (...values: unknown[]) => void, value: unknown, name = 'number'): object {
    return {
      valueOf() {
        log(`${name} valueOf`);
        return value;
      },
    };
  },

  /** Detaches a buffer that V8 owns, and returns it. */
  detach(_: unknown, buffer: ArrayBuffer): ArrayBuffer {
    structuredClone(buffer, { transfer: [buffer] });
    return buffer;
  },

  /** The global object of another realm, with constructors of its own. */
  otherRealm(): typeof globalThis {
    return vm.runInNewContext('globalThis');
  },
};

const HELPER_NAMES = Object.keys(helpers) as (keyof typeof helpers)[];

/**
 * A program's value is that of its last statement. It may use `T`, the typed-array constructor it is
 * run for, `v`, which makes an element of a number, `list(n)`, an array of n such elements, `log`,
 * and the functions of {@link helpers}.
 */
function outcomeOfSource(source: string, typeName: string): string {
  const v = holdsBigInts(typeName) ? BigInt : Number;
  const list = (length: number) => Array.from({ length }, (_, i) => v(i - 2));
  const T = (globalThis as unknown as Record<string, unknown>)[typeName];
  return outcomeOf((log) => {
    const bound = HELPER_NAMES.map((name) => helpers[name].bind(undefined, log as never));
    return run(source, T, v, list, log, ...bound);
  });
}

const run = vm.compileFunction('return eval(source)', [
  'source',
  'T',
  'v',
  'list',
  'log',
  ...HELPER_NAMES,
]) as (...args: unknown[]) => unknown;

const SHOWN_MISMATCHES = 20;

/** Pieces of source text, one a line or with two spaces between them. */
export function forms(text: TemplateStringsArray): string[] {
  return String.raw(text)
    .split(/\n|\s{2,}/)
    .map((form) => form.trim())
    .filter((form) => form !== '');
}

/** What a test of {@link itAnswersAsPlain} may say about its programs. */
export interface AnswerOptions {
  /** The name of the constructor that programs find as `T`. @defaultValue `'Float64Array'` */
  readonly type?: string;
  /** Whether programs allocate nothing that arenas could serve. @defaultValue false */
  readonly allocateNothing?: boolean;
}

/**
 * Defines tests that each of `programs` answers as in plain Node: outside all scopes, and in scopes
 * of all kinds. The file must not import `arena-pirate` itself, as the plain answers are recorded
 * here and now.
 */
export function itAnswersAsPlain(
  title: string,
  programs: readonly string[],
  { type = 'Float64Array', allocateNothing = false }: AnswerOptions = {},
): void {
  const plain = new Map(programs.map((source) => [source, outcomeOfSource(source, type)]));
  let arenaPirate: ArenaPirate;
  beforeAll(() => {
    arenaPirate = loadArenaPirate();
  });
  for (const mode of MODES) {
    it(`${title} as in plain Node ${mode.title}`, async () => {
      const mismatches: string[] = [];
      const before = arenaPirate.stats().thread.captured;
      await mode.run(arenaPirate, () => {
        for (const [program, answer] of plain) {
          const found = outcomeOfSource(program, type);
          if (found === answer) continue;
          mismatches.push(`PROGRAM ${program}\nPLAIN ${answer}\nHERE ${found}`);
        }
      });
      if (mismatches.length > 0) {
        const shown = mismatches.slice(0, SHOWN_MISMATCHES).join('\n\n');
        expect.fail(`${mismatches.length} programs answer differently\n\n${shown}`);
      }
      const captured = arenaPirate.stats().thread.captured - before;
      if (!mode.captures) expect(captured).toBe(0);
      else if (!allocateNothing) expect(captured).toBeGreaterThan(0);
    });
  }
}
