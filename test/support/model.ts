// The simple model that random programs are checked against: every array that a program may use
// keeps its bytes, lies where no other one lies, and has been counted.

import type { Release } from 'arena-pirate';
import { arena, clearArenaPool, configure, isArenaArray, noArena, stats } from 'arena-pirate';
import { expect } from 'vitest';
import { collect } from './memory.js';
import { bytesOf, placeOf } from './places.js';
import { MAKERS, type Step } from './programs.js';
import { waitSomehow } from './scopes.js';

type AnyArray = ReturnType<(typeof MAKERS)[keyof typeof MAKERS]>['array'];

/** An array that the program may use, and what all its elements are. */
interface Held {
  readonly array: AnyArray;
  readonly value: number;
}

/** A stretch of a program between entering a scope and leaving it. */
class Block {
  readonly held: Held[] = [];
  readonly joined: Promise<unknown>[] = [];
  constructor(
    readonly release: Release | undefined,
    readonly minBytes: number,
    readonly asynchronous: boolean,
  ) {}
}

class PlannedError extends Error {}

// All elements are equal if the first one is and each equals its neighbour.
function holds({ array, value }: Held): boolean {
  if (array.length === 0) return true;
  const bytes = bytesOf(array);
  const { BYTES_PER_ELEMENT: width } = array;
  return (
    array[0] === value && Buffer.compare(bytes.subarray(width), bytes.subarray(0, -width)) === 0
  );
}

/** Runs one program and checks the package after each of its steps. */
export class ModelRun {
  readonly #start = stats().thread;
  readonly #slabBytes = configure().slabBytes;
  // Outside all scopes, where arrays come to stay.
  readonly #outside = new Block(undefined, 0, true);
  readonly #blocks = new Set([this.#outside]);
  readonly #left: Promise<unknown>[] = [];
  #captured = 0;
  #value = 0;

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
    const block = this.#enter(step.kind, step.minBytes, asynchronous);
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
  }

  #fork(outer: Block, step: Step & { do: 'fork' }): void {
    const block = this.#enter(step.kind, step.minBytes, true);
    const running = this.#open({ ...step, sync: false }, async () => {
      await this.#drive(block, step.steps);
      this.#leave(block);
    });
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

  #enter(kind: Release | 'none', minBytes: number, asynchronous: boolean): Block {
    const block = new Block(kind === 'none' ? undefined : kind, minBytes, asynchronous);
    this.#blocks.add(block);
    return block;
  }

  // What an exit scope has given out may not be used after it; all else escapes, to stay.
  #leave(block: Block): void {
    this.#blocks.delete(block);
    if (block.release !== 'exit') this.#outside.held.push(...block.held);
  }

  #allocate({ release, minBytes, held }: Block, how: keyof typeof MAKERS, bytes: number): void {
    const { array, asked } = MAKERS[how](bytes);
    const captured = (size: number) => release !== undefined && size >= minBytes;
    this.#captured += asked.filter(captured).length;
    expect(isArenaArray(array)).toBe(captured(asked.at(-1) as number));
    expect(holds({ array, value: 0 })).toBe(true);
    if (isArenaArray(array) && how !== 'subarray') expect(placeOf(array).offset % 64).toBe(0);
    // Fits into elements of every kind, and is never zero.
    this.#value = (this.#value % 255) + 1;
    array.fill(this.#value);
    held.push({ array, value: this.#value });
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
    const live = captured.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(bytes.handedOut).toBeGreaterThanOrEqual(live);
    expect(bytes.handedOut).toBeLessThanOrEqual(bytes.mapped);
  }
}

function forgivePlanned(error: unknown): void {
  if (!(error instanceof PlannedError)) throw error;
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
