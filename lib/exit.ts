import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { currentHome } from './home.js';
import { native } from './native.js';
import { allocateCollected, lastDirtyBytes, lastHome, takeRun } from './runs.js';
import { NO_WINDOW, place, type Released, WindowSource } from './source.js';
import { stamp, Window } from './window.js';

// A slab is cut into this many chunks for scopes that need little, so that many of them may be
// open at once without a huge page each.
const CHUNKS_PER_SLAB = 16;

// What a window's table has room for at first.
const TABLE_LENGTH = 64;

// Larger allocations are left to the garbage collector: a window's table counts in 32 bits.
const LARGEST_WINDOW = 2 ** 31;

// Idle runs of slabs are of use only to allocations of about their size: past so many collect
// budgets of them the longest idle ones are given up.
const IDLE_BUDGETS = 8;

/**
 * How many slabs an allocation of `bytes` gets: up to an eighth more than it needs, so that
 * allocations of almost the same size can use each other's.
 */
function slabsFor(bytes: number): number {
  const slabs = Math.ceil(bytes / config.slabBytes);
  const step = 2 ** Math.max(Math.floor(Math.log2(slabs)) - 3, 0);
  return Math.ceil(slabs / step) * step;
}

function slabsOf({ base, limit }: Window): number {
  return (limit - base) / config.slabBytes;
}

interface Windows {
  readonly windows: readonly Window[];
  /** Where they lie, as {@link currentHome} counts. */
  readonly home: number;
}

/**
 * Memory of `'exit'` scopes that none uses at present. The ArrayBuffers over it are kept, so that
 * opening a scope and leaving it crosses into C++ only when it needs more than ever before. Last in,
 * first out: what was used last is still in the cache.
 */
class ExitPool {
  // All windows, in use or not, by the run they lie in.
  readonly #byRun = new Map<number, Windows>();
  // What was in use when the thread moved to another NUMA node: how many windows of the run still are.
  readonly #leaving = new Map<number, number>();
  #home = currentHome();
  #slabs: Window[] = [];
  #chunks: Window[] = [];
  // Windows of more than a slab, each for one allocation at a time; the longest idle ones first.
  #runs: Window[] = [];
  #sources: ExitSource[] = [];

  /** A window of a chunk, or of a whole slab when `bytes` ask for it. */
  takeWindow(bytes: number): Window | undefined {
    if (currentHome() !== this.#home) this.#move();
    const chunkBytes = config.slabBytes / CHUNKS_PER_SLAB;
    if (bytes > chunkBytes) return this.#slabs.pop() ?? this.#newWindows(1)?.[0];
    const idle = this.#chunks.pop();
    if (idle !== undefined) return idle;
    const [first, ...others] = this.#newWindows(CHUNKS_PER_SLAB) ?? [];
    // The lowest address is used next.
    this.#chunks.push(...others.reverse());
    return first;
  }

  giveWindow(window: Window): void {
    window.rewind(window.base, 0);
    if (this.#leaves(window)) return;
    const isSlab = window.limit - window.base === config.slabBytes;
    (isSlab ? this.#slabs : this.#chunks).push(window);
  }

  takeSource(): ExitSource {
    return this.#sources.pop() ?? new ExitSource();
  }

  giveSource(source: ExitSource): void {
    this.#sources.push(source);
  }

  /** A window for one allocation of more than half a slab. */
  takeRun(bytes: number): Window | undefined {
    if (currentHome() !== this.#home) this.#move();
    const slabs = slabsFor(bytes);
    const fits = (run: Window) => slabsOf(run) >= slabs && slabsOf(run) < 2 * slabs;
    const index = this.#runs.findLastIndex(fits);
    if (index >= 0) return this.#runs.splice(index, 1)[0];
    this.#retireIdleRuns(IDLE_BUDGETS * config.collectBudget);
    return this.#newWindows(1, slabs * config.slabBytes)?.[0];
  }

  giveRun(run: Window): void {
    native.markDirty(run.run, run.top);
    run.rewind(0, 0);
    if (!this.#leaves(run)) this.#runs.push(run);
  }

  /** Gives the memory of idle windows back; they stay at hand. @returns bytes */
  trim(): number {
    let bytes = 0;
    const idle = new Set([...this.#slabs, ...this.#chunks, ...this.#runs]);
    for (const [run, { windows }] of this.#byRun) {
      const isTouched = windows.some(({ dirty, base }) => dirty > base);
      if (!isTouched || !windows.every((window) => idle.has(window))) continue;
      const given = native.discard(run);
      if (given < 0) continue;
      bytes += given;
      for (const window of windows) window.dirty = window.base;
    }
    return bytes;
  }

  // Windows of the node that the thread has left would be used for ever, were they kept.
  #move(): void {
    this.#home = currentHome();
    this.retire();
    for (const [run, { windows, home }] of this.#byRun) {
      if (home === this.#home || this.#leaving.has(run)) continue;
      const idle = this.#chunks.filter((chunk) => chunk.run === run).length;
      this.#leaving.set(run, windows.length - idle);
    }
    this.#chunks = this.#chunks.filter(({ run }) => !this.#leaving.has(run));
  }

  // Whether the window is one of those, and has been given up.
  #leaves({ run }: Window): boolean {
    const inUse = this.#leaving.size > 0 ? this.#leaving.get(run) : undefined;
    if (inUse === undefined) return false;
    this.#leaving.set(run, inUse - 1);
    if (inUse === 1) {
      this.#leaving.delete(run);
      this.#byRun.delete(run);
      native.retire(run, config.slabBytes);
    }
    return true;
  }

  #retireIdleRuns(keepBytes: number): void {
    let idle = this.#runs.reduce((sum, { limit }) => sum + limit, 0);
    while (idle > keepBytes) {
      const { run, limit } = this.#runs.shift() as Window;
      idle -= limit;
      this.#byRun.delete(run);
      // What it was used for has been marked dirty each time.
      native.retire(run, 0);
    }
  }

  #newWindows(parts: number, total = config.slabBytes): Window[] | undefined {
    const buffer = takeRun(total, false);
    if (buffer === undefined) return undefined;
    const run = counters[Counter.RunId] as number;
    try {
      const dirty = lastDirtyBytes();
      const bytes = total / parts;
      const windows = Array.from(
        { length: parts },
        (_, part) =>
          new Window(buffer, run, part * bytes, (part + 1) * bytes, dirty, TABLE_LENGTH, true),
      );
      stamp(buffer, { windows, shift: parts === 1 ? 31 : Math.log2(bytes) });
      this.#byRun.set(run, { windows, home: lastHome() });
      return windows;
    } catch (error) {
      // No stack, or no memory for the table.
      native.retire(run, 0);
      throw error;
    }
  }

  /** Leaves all idle memory to the garbage collector. */
  retire(): void {
    this.#retireIdleRuns(0);
    const idle = new Set([...this.#slabs, ...this.#chunks]);
    const retired: number[] = [];
    for (const [run, { windows }] of this.#byRun) {
      if (!windows.every((window) => idle.has(window))) continue;
      for (const window of windows) idle.delete(window);
      retired.push(run);
    }
    this.#sources = [];
    const slabs = this.#slabs.filter((window) => idle.has(window));
    this.#chunks = this.#chunks.filter((window) => idle.has(window));
    this.#slabs = slabs;
    for (const run of retired) {
      this.#byRun.delete(run);
      native.retire(run, config.slabBytes);
    }
  }

  /** Bytes of slabs held that have not been handed out. */
  get roomBytes(): number {
    let room = 0;
    for (const { windows } of this.#byRun.values()) {
      for (const window of windows) room += window.limit - window.top;
    }
    return room;
  }

  /** Slabs held that no scope uses. */
  get idleSlabs(): number {
    return this.#slabs.length + this.#runs.reduce((sum, run) => sum + slabsOf(run), 0);
  }
}

/** This thread's memory for `'exit'` scopes. */
export const exitPool = new ExitPool();

interface Mark {
  readonly window: Window;
  readonly windows: number;
  readonly runs: number;
  readonly top: number;
  readonly count: number;
}

/** What one `'exit'` scope and the synchronous scopes nested in it allocate from. */
export class ExitSource extends WindowSource implements Released<Mark> {
  override readonly isReleased = true;
  readonly #windows: Window[] = [];
  readonly #runs: Window[] = [];

  // A scope that has filled a chunk goes on in whole slabs.
  protected override advance(bytes: number): boolean {
    const window = exitPool.takeWindow(this.#windows.length === 0 ? bytes : config.slabBytes);
    if (window === undefined) return false;
    this.#windows.push(window);
    this.window = window;
    return true;
  }

  protected override allocateWhole(bytes: number, zeroed: boolean): boolean {
    if (bytes > LARGEST_WINDOW) return allocateCollected(bytes, zeroed);
    const run = exitPool.takeRun(bytes);
    if (run === undefined) return false;
    this.#runs.push(run);
    if (zeroed) native.zero(run.run, bytes);
    place.buffer = run.buffer;
    place.offset = run.take(bytes, false);
    counters[Counter.Captured]++;
    return true;
  }

  mark(): Mark {
    const { window } = this;
    const { top, count } = window;
    return { window, windows: this.#windows.length, runs: this.#runs.length, top, count };
  }

  hasTaken({ windows, runs, top } = EMPTY): boolean {
    return this.#windows.length > windows || this.#runs.length > runs || this.window.top > top;
  }

  // A stack overflow may end it anywhere: what has not been given back then is still here, and nobody
  // goes on in what has.
  rewind({ window, windows, runs, top, count }: Mark): void {
    this.window = window;
    while (this.#runs.length > runs) {
      exitPool.giveRun(this.#runs.at(-1) as Window);
      this.#runs.pop();
    }
    while (this.#windows.length > windows) {
      exitPool.giveWindow(this.#windows.at(-1) as Window);
      this.#windows.pop();
    }
    window.rewind(top, count);
  }

  release(): void {
    this.rewind(EMPTY);
    exitPool.giveSource(this);
  }
}

const EMPTY: Mark = { window: NO_WINDOW, windows: 0, runs: 0, top: 0, count: 0 };
