// What programs run in, and what is seen of them. Loaded before arena-pirate, so that what it looks
// with are the originals.
import buffer from 'node:buffer';
import { createHash } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import util, { types } from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { receiveMessageOnPort } from 'node:worker_threads';
import { show } from '../test/support/outcome.js';
import type { Kind } from './program.js';

// biome-ignore lint/suspicious/noExplicitAny: programs do to values what types would forbid
type Any = any;

/** Runs `fn` in a scope of that kind. */
export type Nest = <T>(kind: Kind, minBytes: number, fn: () => T) => T;

/** How a world opens nested scopes: synchronous ones, and ones that may wait. */
export interface World {
  readonly nest: Nest;
  readonly nestAsync: Nest;
}

/** Where there are no scopes. */
export const plainWorld: World = {
  nest: (_kind, _minBytes, fn) => fn(),
  nestAsync: (_kind, _minBytes, fn) => fn(),
};

// `new Buffer` is part of the programs.
process.noDeprecation = true;
// No pool of small Buffers: what lies where in it depends on everything before.
Buffer.poolSize = 0;

const MOST_VALUES = 24;
const planned = new Error('planned');
const channel = new MessageChannel();
const AsyncFunction = (async () => {}).constructor;

const OriginalUint8Array = Uint8Array;
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const rawGetter = (name: string) => {
  const get = Object.getOwnPropertyDescriptor(TypedArrayPrototype, name)?.get as () => unknown;
  return (array: unknown): Any => Reflect.apply(get, array, []);
};
const rawBuffer = rawGetter('buffer');
const rawOffset = rawGetter('byteOffset');
const rawBytes = rawGetter('byteLength');
const rawTag = rawGetter(Symbol.toStringTag as never);

const LISTED_BYTES = 200;

// Without asking for `.buffer`, which would make an exact buffer of every array.
function showBriefly(value: unknown): string {
  if (!types.isTypedArray(value) || types.isProxy(value)) return showAnyhow(value);
  const bytes = new OriginalUint8Array(rawBuffer(value), rawOffset(value), rawBytes(value));
  const content =
    bytes.length <= LISTED_BYTES
      ? Array.prototype.join.call(bytes, ' ')
      : createHash('sha1').update(bytes).digest('base64url');
  return `${rawTag(value)}(${value.length})<${content}>`;
}

const isKept = (value: unknown): boolean =>
  types.isTypedArray(value) || types.isAnyArrayBuffer(value) || types.isDataView(value);

// What is detached or out of bounds is shown by the error that says so.
function showAnyhow(value: unknown): string {
  try {
    return show(value);
  } catch (error) {
    return `unseen ${show(error)}`;
  }
}

// Without the stack, which a DOMException has among its properties.
function showError(error: unknown): string {
  if (!(error instanceof DOMException)) return show(error);
  return `DOMException ${error.name} ${error.code}: ${error.message}`;
}

/** Helpers that have no state. */
const helpers = {
  util,
  v8,
  buffer,
  planned,
  /** A number that fits the elements of `array`. */
  like: (array: unknown, x: unknown) =>
    types.isBigInt64Array(array) || types.isBigUint64Array(array)
      ? BigInt(Math.trunc(Number(x)) || 0)
      : x,
  seq: (length: number, seed: number) =>
    Array.from({ length }, (_, i) => (Math.imul(i + seed, 0x9e3779b1) >> 20) / (1 + (i % 3))),
  bigs: (length: number, seed: number) =>
    Array.from({ length }, (_, i) => BigInt(Math.imul(i + seed, 0x9e3779b1)) << BigInt(i % 40)),
  *yielding(values: readonly unknown[], failAt: number) {
    for (const [i, value] of values.entries()) {
      if (i === failAt) throw new RangeError('midway');
      yield value;
    }
  },
  sub: (T: Any, ...species: unknown[]) =>
    species.length === 0
      ? class extends T {
          tag = 1;
        }
      : class extends T {
          static get [Symbol.species]() {
            return species[0];
          }
        },
  // Behind text that was shorter than its length promised, Node leaves what was there.
  whole(text: string, encoding: Any, make: (text: string, encoding: Any) => Buffer) {
    const made = make(text, encoding);
    return made.length < Buffer.byteLength(text, encoding) ? Buffer.from(made) : made;
  },
  // Buffers are filled from an array by memcpy, to which memory that overlaps is undefined.
  apart: (array: Any, other: Any) =>
    array.buffer === other.buffer
      ? new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice()
      : array,
  hash: (value: Any) => createHash('sha1').update(value).digest('hex'),
  detach: (value: ArrayBuffer) => structuredClone(value, { transfer: [value] }),
  received(message: unknown): unknown {
    channel.port1.postMessage(message);
    return receiveMessageOnPort(channel.port2)?.message;
  },
  pause: (how: number) => (how < 5 ? Promise.resolve() : how < 8 ? setImmediate() : setTimeout(1)),
};

/** One run of a program: its values, and what is seen of them. */
class Run {
  readonly lines: string[] = [];
  #values: Any[] = [];
  readonly #own = new WeakSet<object>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  #pick(index: number, fits: (value: Any) => boolean): Any {
    const fitting = this.#values.filter(fits);
    return fitting[index % fitting.length];
  }

  #keep(value: Any): void {
    if (!isKept(value) || this.#values.includes(value)) return;
    this.#values.push(value);
    if (this.#values.length > MOST_VALUES) this.#values.shift();
  }

  #step(fn: () => unknown): void {
    try {
      const result = fn();
      const known = this.#values.indexOf(result);
      this.lines.push(known < 0 ? showBriefly(result) : `value ${known}`);
      this.#keep(result);
    } catch (error) {
      this.lines.push(`threw ${showError(error)}`);
    }
  }

  // What an 'exit' scope has given out is not used after it.
  #leave(kind: Kind, before: readonly Any[]): void {
    this.#see();
    if (kind === 'exit') this.#values = this.#values.filter((value) => before.includes(value));
  }

  #nest(kind: Kind, minBytes: number, fn: () => void): void {
    const before = [...this.#values];
    try {
      this.#world.nest(kind, minBytes, () => {
        try {
          fn();
        } finally {
          this.#leave(kind, before);
        }
      });
    } catch (error) {
      if (error !== planned) throw error;
    }
  }

  async #nestAsync(kind: Kind, minBytes: number, fn: () => Promise<void>): Promise<void> {
    const before = [...this.#values];
    try {
      await this.#world.nestAsync(kind, minBytes, async () => {
        try {
          await fn();
        } finally {
          this.#leave(kind, before);
        }
      });
    } catch (error) {
      if (error !== planned) throw error;
    }
  }

  // All values, by everything there is to see, and which have their buffer in common.
  #see(): void {
    const buffers: unknown[] = [];
    for (const value of this.#values) {
      this.lines.push(showAnyhow(value));
      buffers.push(types.isAnyArrayBuffer(value) ? value : value.buffer);
    }
    this.lines.push(`shared ${buffers.map((each) => buffers.indexOf(each))}`);
  }

  get names(): Record<string, unknown> {
    const log = (...all: unknown[]) => {
      this.lines.push(all.map(showBriefly).join(' '));
    };
    const ta = (i: number) => this.#pick(i, types.isTypedArray);
    const fresh = <T extends object>(value: T): T => {
      this.#own.add(value);
      return value;
    };
    return {
      ...helpers,
      log,
      ta,
      fresh,
      asked: (value: unknown) => ({
        valueOf() {
          log('asked');
          return value;
        },
      }),
      v: (i: number) => this.#pick(i, () => true),
      bf: (i: number) => this.#pick(i, Buffer.isBuffer) ?? ta(i),
      dv: (i: number) => this.#pick(i, types.isDataView) ?? new DataView(ta(i).buffer),
      ab: (i: number) => this.#pick(i, types.isAnyArrayBuffer) ?? ta(i).buffer,
      // Taken away only where no array in an arena lies on it: that such an array keeps its elements
      // is the one deviation there is.
      own: (i: number) =>
        this.#pick(i, (value) => this.#own.has(value)) ??
        fresh(new (ArrayBuffer as Any)(40, { maxByteLength: 200 })),
      step: (fn: () => unknown) => this.#step(fn),
      nest: (kind: Kind, minBytes: number, fn: () => void) => this.#nest(kind, minBytes, fn),
      nestAsync: (kind: Kind, minBytes: number, fn: () => Promise<void>) =>
        this.#nestAsync(kind, minBytes, fn),
    };
  }

  /** Whatever is left to see at the end. */
  end(): string {
    this.#see();
    return this.lines.join('\n');
  }
}

/** Runs a synchronous program in a world. @returns everything that can be seen of it */
export function runSync(source: string, world: World): string {
  const run = new Run(world);
  const { names } = run;
  vm.compileFunction(source, Object.keys(names))(...Object.values(names));
  return run.end();
}

/** Runs an asynchronous program in a world. */
export async function runAsync(source: string, world: World): Promise<string> {
  const run = new Run(world);
  const { names } = run;
  await (AsyncFunction as Any)(...Object.keys(names), source)(...Object.values(names));
  return run.end();
}
