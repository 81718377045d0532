import os from 'node:os';
import { ArenaError, describe, invalidOption } from './errors.js';
import { memoryNodes } from './memory-nodes.js';
import {
  MathFloor,
  MathLog2,
  NumberIsInteger,
  NumberIsSafeInteger,
  ObjectEntries,
  ObjectKeys,
} from './primordials.js';

/**
 * When a scope's memory may be used again.
 *
 * - `'collected'`: once V8 has collected every array that lies in it. Nothing is asked of the code
 *   in the scope: an array that escapes stays valid for ever.
 * - `'exit'`: when the scope ends. Faster; you promise that nothing made in the scope is used after
 *   it, by anyone, pending I/O included. The scope's result is copied out (see `copyResult`), as is what
 *   Node's sockets, HTTP messages, files and zlib are given to write. Memory of a scope whose promise is
 *   rejected is used again as with `'collected'`.
 */
export type Release = 'collected' | 'exit';

/** On which NUMA node arenas lie, see {@link ArenaConfig.numa}; a number is the id of a node. */
export type Numa = 'local' | 'interleave' | number;

/** Options of one scope. What is left out is as {@link configure} or the environment says. */
export interface ArenaOptions {
  /** When the memory may be used again. @defaultValue `'collected'` */
  release?: Release;
  /**
   * Arrays of fewer bytes are left to V8, which keeps arrays of up to 64 bytes on its own heap.
   * An integer of 1 or more. Where nothing but the default applies, Node's own pool of memory serves
   * `Buffer.allocUnsafe` up to 256 bytes and `Buffer.from` and `Buffer.concat` below 256 bytes or 768
   * characters, as it is faster there. `Buffer.from(text)` is Node's in `'exit'` scopes whatever its size: Node
   * may write it when the scope has ended. The default gives way to half a slab for some scopes when
   * nearly every array of those before was asked for its `.buffer`, which costs more than an arena
   * saves then.
   * @defaultValue 65
   */
  minBytes?: number;
  /**
   * Whether new arrays read as zero, as JavaScript says they do. With `false` they show what was
   * in the memory before: only for code that writes every element before it reads one, and never
   * for data that leaves the process. @defaultValue true
   */
  zeroFill?: boolean;
  /**
   * Whether arrays in what the scope returns, throws or rejects with are copied to ordinary memory
   * ({@link copyFromArena}); those in properties of class instances and errors are replaced there, so that these
   * stay what they are. An `'exit'` scope copies what takes half a slab or more to slabs of its own, which are
   * free when V8 has collected the copy, as long as such copies are a quarter of {@link ArenaConfig.maxBytes}
   * at most; and one that has taken no memory has nothing to copy, and returns the result as it is.
   * @defaultValue true for `'exit'`, false for `'collected'`
   */
  copyResult?: boolean;
}

/** What {@link configure} sets, for the thread that calls it. All sizes are in bytes. */
export interface ArenaConfig {
  /** Default of {@link ArenaOptions.minBytes}. @defaultValue 65 */
  minBytes: number;
  /** Default of {@link ArenaOptions.release}. @defaultValue `'collected'` */
  release: Release;
  /** Default of {@link ArenaOptions.zeroFill}. @defaultValue true */
  zeroFill: boolean;
  /** Address space mapped at a time; a multiple of `slabBytes`. @defaultValue 128 MiB */
  arenaBytes: number;
  /**
   * What an arena is cut into; a power of two from 64 KiB to 1 GiB. Arrays larger than half a slab
   * get slabs of their own. Can change only while nothing is mapped. @defaultValue 2 MiB
   */
  slabBytes: number;
  /**
   * How much a thread maps at most; beyond it arrays come from V8. @defaultValue half the memory, or half
   * of what the container may have
   */
  maxBytes: number;
  /**
   * `'collected'` scopes run a minor collection when this much memory waits to be collected, or
   * less, down to half of it, where collections turn out to be cheap (0.3 ms). V8 counts that memory
   * as if it were on its heap, and collects fully when that has grown by a tenth: with 32 MiB, servers
   * with up to 300 MB of objects had full collections every few seconds. Where V8 keeps making full
   * collections of them (from Node 24 on, while it marks), it is left alone until eight times as much waits. `'exit'` scopes run one when so much waits of ArrayBuffers that their
   * arrays were asked for (`.buffer`). @defaultValue 16 MiB
   */
  collectBudget: number;
  /**
   * Milliseconds without an array from an arena after which the thread gives memory that nothing uses
   * back to the system. It looks once in that time, so that it may take twice as long. It runs a minor
   * collection first, and does not wait for memory whose arrays have grown old, which V8 collects in its
   * own time. What comes next pays for new pages: a server that rests for longer than this at a time had
   * a p99.9 of twice as much and more. Where no asynchronous scope has been open in that time, it also ends what those
   * cost code outside: on Node 20 and 22 all awaits take up to three times as long once there has been one, later `'exit'` scopes
   * make callbacks somewhat slower. An integer from 1 to 2,147,483,647, or `Infinity`: memory is kept
   * for the next scope until {@link clearArenaPool}, and asynchronous scopes cost what they cost.
   * @defaultValue 30,000
   */
  trimAfter: number;
  /** Whether arenas ask for huge pages. @defaultValue true */
  hugePages: boolean;
  /**
   * On which NUMA node memory lies that is taken from now on: that of the cpu that the thread is
   * running on then, all nodes in turn (page by page, huge ones too), or the one with this id. A node
   * that has no memory left is helped out by others. On machines with one node it makes no difference.
   * @defaultValue `'local'`
   */
  numa: Numa;
  /**
   * Checked mode, for development: whether `'exit'` scopes detach everything of theirs when they end
   * and report what is still referenced after a garbage collection, see {@link findEscapes}. Applies
   * to scopes opened from now on. @defaultValue false
   */
  check: boolean;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** What values an option may have. */
export interface ValueRule {
  expected: string;
  accepts(value: unknown): boolean;
}

interface Rule<T> {
  expected: string;
  accepts(value: unknown): value is T;
  /** Reads an environment variable; undefined when it makes no sense. */
  parse(text: string): T | undefined;
}

/** @internal */
export const flag: Rule<boolean> = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  parse: (text) =>
    ({ 1: true, true: true, 0: false, false: false })[text.toLowerCase() as '1' | 'true'],
};

const SIZE = /^(\d+)\s*(?:([KMG])i?B?)?$/i;
const UNITS: Record<string, number> = { K: KIB, M: MIB, G: KIB * MIB };

function size(expected: string, fits: (bytes: number) => boolean): Rule<number> {
  return {
    expected,
    accepts: (value): value is number => NumberIsSafeInteger(value) && fits(value as number),
    parse(text) {
      const [, digits, unit] = SIZE.exec(text.trim()) ?? [];
      return digits && Number(digits) * (unit ? (UNITS[unit.toUpperCase()] ?? Number.NaN) : 1);
    },
  } as Rule<number>;
}

const numa: Rule<Numa> = {
  expected: `'local', 'interleave' or the id of a NUMA node with memory (${memoryNodes.join(', ')})`,
  accepts: (value): value is Numa =>
    value === 'local' || value === 'interleave' || memoryNodes.includes(value as number),
  parse: (text) => (/^\d+$/.test(text) ? Number(text) : (text as Numa)),
};

const LONGEST_TIMER = 2 ** 31 - 1;

const time: Rule<number> = {
  expected: `an integer of milliseconds from 1 to ${LONGEST_TIMER}, or Infinity`,
  accepts: (value): value is number =>
    value === Number.POSITIVE_INFINITY ||
    (NumberIsInteger(value) && (value as number) >= 1 && (value as number) <= LONGEST_TIMER),
  parse: (text) => Number(text),
};

const RULES: { [Name in keyof ArenaConfig]: Rule<ArenaConfig[Name]> } = {
  minBytes: size('an integer of 1 or more', (n) => n >= 1),
  release: {
    expected: "'collected' or 'exit'",
    accepts: (value) => value === 'collected' || value === 'exit',
    parse: (text) => text as Release,
  },
  zeroFill: flag,
  arenaBytes: size('a multiple of slabBytes', (n) => n >= 64 * KIB),
  slabBytes: size(
    'a power of two from 64 KiB to 1 GiB',
    (n) => n >= 64 * KIB && n <= 1024 * MIB && NumberIsInteger(MathLog2(n)),
  ),
  maxBytes: size('an integer of slabBytes or more', (n) => n >= 64 * KIB),
  collectBudget: size('an integer of 0 or more', (n) => n >= 0),
  trimAfter: time,
  hugePages: flag,
  numa,
  check: flag,
};

// The cgroup's limit where there is one, as a process in a container sees it.
function defaultMaxBytes(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  const total = os.totalmem();
  return MathFloor((limit > 0 && limit < total ? limit : total) / 2);
}

/** One more than V8 keeps on its own heap. */
const DEFAULT_MIN_BYTES = 65;

/** Whether somebody has said from which size on arrays are to be served: then that holds for small ones, too. */
export function hasOwnMinBytes({ minBytes }: ArenaConfig): boolean {
  return minBytes !== DEFAULT_MIN_BYTES;
}

function defaults(): ArenaConfig {
  return {
    minBytes: DEFAULT_MIN_BYTES,
    release: 'collected',
    zeroFill: true,
    arenaBytes: 128 * MIB,
    slabBytes: 2 * MIB,
    maxBytes: defaultMaxBytes(),
    collectBudget: 16 * MIB,
    trimAfter: 30_000,
    hugePages: true,
    numa: 'local',
    check: false,
  };
}

type Rules = Record<string, Rule<unknown>>;

function checkNames(options: object, names: readonly string[]): void {
  for (const name of ObjectKeys(options)) {
    if (names.includes(name)) continue;
    throw new ArenaError(
      'ERR_ARENA_INVALID_OPTION',
      `Expected an option named ${names.join(', ')} but received '${name}'`,
    );
  }
}

/** Throws unless every option is one of `names` and its value is one that its rule accepts. */
export function checkValues(
  options: object,
  names: readonly string[],
  rules: Readonly<Record<string, ValueRule>>,
): void {
  checkNames(options, names);
  for (const [name, value] of ObjectEntries(options)) {
    const rule = rules[name] as ValueRule;
    if (value !== undefined && !rule.accepts(value)) {
      throw invalidOption(name, rule.expected, value);
    }
  }
}

/** Throws unless `options` can have properties. */
export function requireObject(options: unknown): asserts options is object {
  if (typeof options === 'object' && options !== null) return;
  throw new ArenaError(
    'ERR_ARENA_INVALID_ARG',
    `Expected an object for options but received ${describe(options)}`,
  );
}

const CONFIG_NAMES = ObjectKeys(RULES);

/**
 * @param env - where the changes come from, for errors to name the variables
 * @returns `base` with `changes` applied, every value and their combination checked
 */
export function mergeConfig(
  base: ArenaConfig,
  changes: Partial<ArenaConfig>,
  env?: NodeJS.ProcessEnv,
): ArenaConfig {
  requireObject(changes);
  // Read once, wherever they come from: a class, a prototype, a getter.
  const read = CONFIG_NAMES.map((name) => [name, changes[name as keyof ArenaConfig]] as const);
  const given = Object.fromEntries(read.filter(([, value]) => value !== undefined));
  checkNames(changes, CONFIG_NAMES);
  checkValues(given, CONFIG_NAMES, RULES as Rules);
  const merged: ArenaConfig = { ...base, ...given };
  const nameOf = env === undefined ? (name: string) => name : variableOf;
  const refusal = (name: 'arenaBytes' | 'maxBytes', expected: string) =>
    invalidOption(nameOf(name), expected, env?.[variableOf(name)] || merged[name]);
  const slab = `${nameOf('slabBytes')} (${merged.slabBytes})`;
  if (merged.arenaBytes % merged.slabBytes !== 0) {
    throw refusal('arenaBytes', `a multiple of ${slab}`);
  }
  if (merged.maxBytes < merged.slabBytes) {
    throw refusal('maxBytes', `an integer of ${slab} or more`);
  }
  return merged;
}

/** Of the options of one scope, {@link ArenaOptions}. */
export const scopeRules = {
  release: RULES.release,
  minBytes: RULES.minBytes,
  zeroFill: RULES.zeroFill,
  copyResult: flag,
} satisfies Record<keyof ArenaOptions, ValueRule>;
const SCOPE_NAMES = ObjectKeys(scopeRules);

// Scopes are opened often: the usual options are recognised without a walk through the rules.
function areUsual({ release, minBytes, zeroFill, copyResult }: ArenaOptions): boolean {
  return (
    (release === undefined || release === 'exit' || release === 'collected') &&
    (minBytes === undefined || RULES.minBytes.accepts(minBytes)) &&
    (zeroFill === undefined || typeof zeroFill === 'boolean') &&
    (copyResult === undefined || typeof copyResult === 'boolean')
  );
}

function areKnown(options: object): boolean {
  for (const name in options) {
    if (name === 'release' || name === 'minBytes' || name === 'zeroFill') continue;
    if (name !== 'copyResult') return false;
  }
  return true;
}

/** Throws unless `options` are good options of a scope, wherever they come from: a class, a prototype, a getter. */
export function checkScopeOptions(options: unknown): asserts options is ArenaOptions {
  requireObject(options);
  if (!areUsual(options)) {
    const { release, minBytes, zeroFill, copyResult } = options as ArenaOptions;
    checkValues({ release, minBytes, zeroFill, copyResult }, SCOPE_NAMES, scopeRules);
  }
  if (!areKnown(options)) checkNames(options, SCOPE_NAMES);
}

/** The name of the environment variable that sets an option: `minBytes` → `ARENA_PIRATE_MIN_BYTES`. */
function variableOf(name: string): string {
  return `ARENA_PIRATE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The environment variables that {@link configure}'s options have. */
export const CONFIG_VARIABLES: readonly string[] = CONFIG_NAMES.map(variableOf);

function fromEnvironment(env: NodeJS.ProcessEnv): Partial<ArenaConfig> {
  const found: Record<string, unknown> = {};
  for (const name of CONFIG_NAMES) {
    const variable = variableOf(name);
    const text = env[variable];
    if (text === undefined || text === '') continue;
    const rule = (RULES as Rules)[name] as Rule<unknown>;
    const value = rule.parse(text);
    if (!rule.accepts(value)) throw invalidOption(variable, rule.expected, text);
    found[name] = value;
  }
  return found;
}

/** What this thread starts with: the defaults, then the environment. */
export const initialConfig: ArenaConfig = mergeConfig(
  defaults(),
  fromEnvironment(process.env),
  process.env,
);
