// The simple model that random programs are checked against: every array that a program may use
// keeps its bytes, lies where no other one lies, and has been counted; every statement runs in the
// scope that it stands in.

import type { Release } from 'arena-pirate';
import {
  arena,
  clearArenaPool,
  configure,
  currentArena,
  isArenaArray,
  noArena,
  stats,
} from 'arena-pirate';
import { expect } from 'vitest';
import { collect } from './memory.js';
import { bytesOf, placeOf } from './places.js';
import { MAKERS, type Step } from './programs.js';
import { waitSomehow } from './scopes.js';

type AnyArray = ReturnType<(typeof MAKERS)[keyof typeof MAKERS]>['array'];

const TAG_BYTES = 8;

/** An array that the program may use, and the bytes that it repeats: no two have the same. */
interface Held {
  readonly array: AnyArray;
  readonly tag: Buffer;
}

interface Entered {
  readonly release: Release | undefined;
  readonly minBytes: number;
  /** How its scope was opened; whether its statements may wait is another thing. */
  readonly sync: boolean;
  readonly depth: number;
}

/** A stretch of a program between entering a scope and leaving it. */
class Block {
  readonly held: Held[] = [];
  readonly joined: Promise<unknown>[] = [];
  /** What an exit scope has handed out, with what alignment takes. */
  bytes = 0;
  /** Whether its function is over. The scope may end a little later. */
  left = false;
  constructor(
    readonly entered: Entered,
    readonly asynchronous: boolean,
  ) {}
}

class PlannedError extends Error {}

const ALIGNMENT = 64;
const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
const ZEROS = Buffer.alloc(TAG_BYTES);

function nextTag(count: number): Buffer {
  const tag = noArena(() => Buffer.alloc(TAG_BYTES));
  // Bytes of zero are what an array of nobody would hold.
  for (let i = 0; i < TAG_BYTES; i++) tag[i] = (Math.imul(count + i * 977, 0x9e3779b1) >>> 24) | 1;
  tag.writeUInt32LE((count | 0x01010101) >>> 0);
  return tag;
}

function repeat(bytes: Uint8Array, tag: Uint8Array): void {
  for (let i = 0; i < Math.min(bytes.length, TAG_BYTES); i++) bytes[i] = tag[i] as number;
  for (let done = TAG_BYTES; done < bytes.length; done *= 2) bytes.copyWithin(done, 0, done);
}

// Bytes repeat the tag if the first ones are the tag and all others are those before them.
function holds({ array, tag }: Held): boolean {
  const bytes = bytesOf(array);
  const { length } = bytes;
  const first = Math.min(length, TAG_BYTES);
  if (Buffer.compare(bytes.subarray(0, first), tag.subarray(0, first)) !== 0) return false;
  return (
    length <= TAG_BYTES ||
    Buffer.compare(bytes.subarray(TAG_BYTES), bytes.subarray(0, -TAG_BYTES)) === 0
  );
}

/** Runs one program and checks the package after each of its steps. */
export class ModelRun {
  readonly #start = stats().thread;
  readonly #slabBytes = configure().slabBytes;
  // Outside all scopes, where arrays come to stay.
  readonly #outside = new Block({ release: undefined, minBytes: 0, sync: true, depth: 0 }, true);
  readonly #blocks = new Set([this.#outside]);
  readonly #left: Promise<unknown>[] = [];
  // Blocks of exit scopes that may not have ended yet.
  readonly #exits = new Set<Block>();
  #captured = 0;
  #tags = 0;

  async run(program: readonly Step[]): Promise<void> {
    await this.#drive(this.#outside, program);
    while (this.#left.length > 0) await this.#left.pop();
    this.#check();
  }

  // Yields what an asynchronous block has to wait for; a synchronous one yields nothing.
  *#interpret(block: Block, steps: readonly Step[]): Generator<unknown, void> {
    for (const step of steps) {
      if (step.do === 'allocate') this.#allocate(block, step.how, step.bytes);
      else if (step.do === 'drop') this.#drop(step.which);
      else if (step.do === 'collect') collect(step.type);
      else if (step.do === 'clear') clearArenaPool();
      else if (step.do === 'nest') yield* this.#nest(block, step);
      else if (step.do === 'fork') this.#fork(block, step);
      else if (block.asynchronous) yield waitSomehow(step.how);
      checkScope(block);
      this.#check();
    }
    if (block.asynchronous) yield Promise.all(block.joined);
    else this.#left.push(...block.joined);
  }

  async #drive(block: Block, steps: readonly Step[]): Promise<void> {
    for (const awaited of this.#interpret(block, steps)) await awaited;
  }

  *#nest(outer: Block, step: Step & { do: 'nest' }): Generator<unknown, void> {
    const asynchronous = outer.asynchronous && !step.sync;
    const block = this.#enter(outer, step, asynchronous);
    const finish = () => {
      this.#leave(block);
      if (step.throws) throw new PlannedError();
    };
    try {
      if (asynchronous) {
        const run = async () => {
          await this.#drive(block, step.steps);
          finish();
        };
        yield this.#open(step, run).catch(forgivePlanned);
      } else {
        this.#open(step, () => {
          for (const _ of this.#interpret(block, step.steps)) throw new Error('waits in sync code');
          finish();
        });
      }
    } catch (error) {
      forgivePlanned(error);
    }
    this.#exits.delete(block);
  }

  #fork(outer: Block, step: Step & { do: 'fork' }): void {
    const opened = { ...step, sync: false };
    const block = this.#enter(outer, opened, true);
    const running = this.#open(opened, async () => {
      await this.#drive(block, step.steps);
      this.#leave(block);
    }).then(() => this.#exits.delete(block));
    // A check that fails in there must not pass for an unhandled rejection before it is awaited.
    running.catch(() => {});
    (step.joined ? outer.joined : this.#left).push(running);
  }

  #open<T>(
    { kind, sync, minBytes }: { kind: Release | 'none'; sync: boolean; minBytes: number },
    fn: () => T,
  ): T {
    if (kind === 'none') return noArena(fn);
    return (sync ? arena.sync : arena)(fn, { release: kind, minBytes });
  }

  #enter(
    outer: Block,
    { kind, sync, minBytes }: { kind: Release | 'none'; sync: boolean; minBytes: number },
    asynchronous: boolean,
  ): Block {
    const { depth } = outer.entered;
    const entered =
      kind === 'none'
        ? { release: undefined, minBytes, sync, depth: 0 }
        : { release: kind, minBytes, sync, depth: depth + 1 };
    const block = new Block(entered, asynchronous);
    this.#blocks.add(block);
    if (kind === 'exit') this.#exits.add(block);
    return block;
  }

  // What an exit scope has given out may not be used after it; all else escapes, to stay.
  #leave(block: Block): void {
    checkScope(block);
    this.#blocks.delete(block);
    block.left = true;
    if (block.entered.release !== 'exit') this.#outside.held.push(...block.held);
  }

  #allocate(block: Block, how: keyof typeof MAKERS, bytes: number): void {
    const { release, minBytes } = block.entered;
    const { array, asked } = MAKERS[how](bytes);
    // Node's decoders of streams have 7 bytes.
    const isKept = (size: number) => how === 'Buffer.alloc' && size === 7 && release === 'exit';
    const isCaptured = (size: number) => release !== undefined && size >= minBytes && !isKept(size);
    const captured = asked.filter(isCaptured);
    this.#captured += captured.length;
    for (const size of captured) block.bytes += aligned(size);
    expect(isArenaArray(array)).toBe(isCaptured(asked.at(-1) as number));
    expect(holds({ array, tag: ZEROS })).toBe(true);
    if (isArenaArray(array) && how !== 'subarray') {
      expect(placeOf(array).offset % ALIGNMENT).toBe(0);
    }
    const tag = nextTag(++this.#tags);
    repeat(bytesOf(array), tag);
    block.held.push({ array, tag });
  }

  #drop(which: number): void {
    const lists = [...this.#blocks].map(({ held }) => held).filter(({ length }) => length > 0);
    const list = lists[which % lists.length];
    list?.splice(which % list.length, 1);
  }

  #check(): void {
    const held = [...this.#blocks].flatMap((block) => block.held);
    expect(held.findIndex((array) => !holds(array))).toBe(-1);
    const captured = held.map(({ array }) => array).filter(isArenaArray);
    checkPlaces(captured);
    this.#checkStats(captured);
  }

  #checkStats(captured: readonly AnyArray[]): void {
    const { slabs, bytes, fallbacks, ...counts } = stats().thread;
    expect(counts.captured - this.#start.captured).toBe(this.#captured);
    expect(fallbacks).toEqual(this.#start.fallbacks);
    expect((slabs.free + slabs.inUse + slabs.waiting) * this.#slabBytes).toBe(bytes.mapped);
    expect(Math.min(slabs.free, slabs.inUse, slabs.waiting)).toBeGreaterThanOrEqual(0);
    // Apart from what waits, slabs are those of exit scopes and the one that the others share.
    const inUse = bytes.handedOut - slabs.waiting * this.#slabBytes;
    const exits = [...this.#exits];
    const sum = (blocks: Block[]) => blocks.reduce((all, block) => all + block.bytes, 0);
    expect(inUse).toBeGreaterThanOrEqual(sum(exits.filter(({ left }) => !left)));
    expect(inUse).toBeLessThanOrEqual(sum(exits) + this.#slabBytes);
    expect(inUse % ALIGNMENT).toBe(0);
    const live = captured.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(bytes.handedOut).toBeGreaterThanOrEqual(live);
    expect(bytes.handedOut).toBeLessThanOrEqual(bytes.mapped);
  }
}

function forgivePlanned(error: unknown): void {
  if (!(error instanceof PlannedError)) throw error;
}

/** Fails when the current scope is not that of the block. */
function checkScope({ entered }: Block): void {
  const { release, minBytes, sync, depth } = entered;
  expect(currentArena()).toEqual(
    release === undefined ? undefined : { release, minBytes, zeroFill: true, sync, depth },
  );
}

/** Fails when two arrays share memory. */
function checkPlaces(arrays: readonly AnyArray[]): void {
  const spans = new Map<ArrayBuffer, [start: number, end: number][]>();
  for (const array of arrays) {
    const { buffer, offset } = placeOf(array);
    const list = spans.get(buffer) ?? [];
    spans.set(buffer, list);
    list.push([offset, offset + array.byteLength]);
  }
  for (const list of spans.values()) {
    list.sort(([a], [b]) => a - b);
    let last = 0;
    for (const [start, end] of list) {
      expect(start).toBeGreaterThanOrEqual(last);
      last = end;
    }
  }
}
