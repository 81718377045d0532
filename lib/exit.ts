import { idleHolder } from './collections.js';
import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { currentHome } from './home.js';
import { native } from './native.js';
import {
  ArrayFrom,
  MathCeil,
  MathFloor,
  MathLog2,
  MathMax,
  SafeMap,
  SafeSet,
} from './primordials.js';
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
  const slabs = MathCeil(bytes / config.slabBytes);
  const step = 2 ** MathMax(MathFloor(MathLog2(slabs)) - 3, 0);
  return MathCeil(slabs / step) * step;
}

function slabsOf({ base, limit }: Window): number {
  return (limit - base) / config.slabBytes;
}

interface Windows {
  readonly windows: readonly Window[];
  /** Where they lie, as {@link currentHome} counts. */
  readonly home: number;
}

/** The windows in a list, the last one that was put there first, or what begins one. */
interface Link {
  next: Window | undefined;
}

/** A run that nobody uses any more and of which C++ has not been told yet. */
interface Unused {
  run: number;
  readonly usedBytes: number;
  next: Unused | undefined;
}

function windowsIn(list: Link): Window[] {
  const windows: Window[] = [];
  for (let window = list.next; window !== undefined; window = window.next) windows.push(window);
  return windows;
}

/**
 * Memory of `'exit'` scopes that none uses at present. The ArrayBuffers over it are kept, so that
 * opening a scope and leaving it crosses into C++ only when it needs more than ever before. Last in,
 * first out: what was used last is still in the cache.
 *
 * The stack may overflow at any call, even where a deeper one had enough: V8 may have gone over to slower code with
 * larger frames in between. So windows change hands by assignments alone, which need no stack (an object literal may):
 * one that was lost would take up memory for ever, and one that was in two lists would be handed out twice.
 */
class ExitPool {
  // All windows, in use or not, by the run they lie in.
  readonly #byRun = new SafeMap<number, Windows>();
  // Runs that were in use when the thread moved to another NUMA node or that a scope has left behind, and those of their
  // windows that are not in use any more.
  readonly #leaving = new SafeSet<number>();
  readonly #left: Link = { next: undefined };
  // Whether one has come there since it was last looked which runs are complete.
  #hasLeft = false;
  #home = currentHome();
  readonly #slabs: Link = { next: undefined };
  readonly #chunks: Link = { next: undefined };
  // Windows over slabs of their own, each for one allocation at a time.
  readonly #runs: Link = { next: undefined };
  #unused: Unused | undefined;
  // Whether anything has come back since all that is idle was last retired, and whether anything has been retired
  // since that was last asked.
  #hasIdled = false;
  #hasRetired = false;
  #source: ExitSource | undefined;

  /** A window of a chunk, or of a whole slab when `bytes` ask for it. Whoever gets it puts it into a list at once. */
  takeWindow(bytes: number): Window | undefined {
    if (currentHome() !== this.#home) this.#move();
    const isSlab = bytes > config.slabBytes / CHUNKS_PER_SLAB;
    const list = isSlab ? this.#slabs : this.#chunks;
    if (list.next === undefined) this.#open(list, isSlab ? 1 : CHUNKS_PER_SLAB, config.slabBytes);
    const window = list.next;
    list.next = window?.next;
    return window;
  }

  /** Whoever gives it has no call in between this and forgetting it. */
  giveWindow(window: Window): void {
    const isSlab = window.limit - window.base === config.slabBytes;
    const list = this.#leaves(window) ? this.#left : isSlab ? this.#slabs : this.#chunks;
    // What nobody uses again may still be asked about.
    if (list === this.#left) this.#hasLeft = true;
    else window.rewind(window.base, 0);
    this.#hasIdled = true;
    window.next = list.next;
    list.next = window;
  }

  takeSource(): ExitSource {
    const source = this.#source;
    if (source === undefined) return new ExitSource();
    this.#source = source.next;
    source.next = undefined;
    return source;
  }

  giveSource(source: ExitSource): void {
    if (this.#hasLeft) {
      this.#retireWholly([this.#left]);
      this.#hasLeft = false;
    }
    source.next = this.#source;
    this.#source = source;
  }

  /** A window for one allocation of more than half a slab. Whoever gets it puts it into a list at once. */
  takeRun(bytes: number): Window | undefined {
    if (currentHome() !== this.#home) this.#move();
    const slabs = slabsFor(bytes);
    let before: Link = this.#runs;
    for (let run = before.next; run !== undefined; run = run.next) {
      const has = slabsOf(run);
      if (has >= slabs && has < 2 * slabs) break;
      before = run;
    }
    if (before.next === undefined) {
      this.#retireIdleRuns(IDLE_BUDGETS * config.collectBudget);
      before = this.#runs;
      if (!this.#open(before, 1, slabs * config.slabBytes)) return undefined;
    }
    const run = before.next as Window | undefined;
    before.next = run?.next;
    return run;
  }

  /** As {@link giveWindow}. */
  giveRun(run: Window): void {
    native.markDirty(run.run, run.top);
    const list = this.#leaves(run) ? this.#left : this.#runs;
    if (list === this.#left) this.#hasLeft = true;
    else run.rewind(0, 0);
    this.#hasIdled = true;
    run.next = list.next;
    list.next = run;
  }

  /** Gives the memory of idle windows back; they stay at hand. @returns bytes */
  trim(): number {
    this.#retireUnused();
    let bytes = 0;
    const idle = new SafeSet([this.#slabs, this.#chunks, this.#runs].flatMap(windowsIn));
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
    const home = currentHome();
    this.retire();
    for (const [run, of] of this.#byRun) {
      if (of.home !== home) this.#leaving.add(run);
    }
    this.#parkIdleChunks();
    this.#home = home;
  }

  /** Has the runs of these windows, which are in use, left to the garbage collector when they are not any more. */
  leave(windows: Window | undefined): void {
    for (let window = windows; window !== undefined; window = window.next) {
      this.#leaving.add(window.run);
    }
    this.#parkIdleChunks();
  }

  // Those of runs that are left are not to be used again.
  #parkIdleChunks(): void {
    let before: Link = this.#chunks;
    for (let chunk = before.next; chunk !== undefined; chunk = before.next) {
      if (this.#leaves(chunk)) {
        before.next = chunk.next;
        chunk.next = this.#left.next;
        this.#left.next = chunk;
      } else {
        before = chunk;
      }
    }
  }

  // Whether the window is one of those.
  #leaves({ run }: Window): boolean {
    return this.#leaving.size > 0 && this.#leaving.has(run);
  }

  // Leaves to the garbage collector all but those used last.
  #retireIdleRuns(keepBytes: number): void {
    let kept = 0;
    let last: Link = this.#runs;
    for (let run = last.next; run !== undefined; run = run.next) {
      kept += run.limit;
      if (kept > keepBytes) break;
      last = run;
    }
    while (last.next !== undefined) {
      const window: Window = last.next;
      const { run } = window;
      // What it was used for has been marked dirty each time.
      const unused: Unused = { run, usedBytes: 0, next: undefined };
      this.#byRun.delete(run);
      this.#hasRetired = true;
      last.next = window.next;
      window.next = undefined;
      unused.next = this.#unused;
      this.#unused = unused;
    }
    this.#retireUnused();
  }

  // Puts the windows of a new run, equal parts of it, at the beginning of a list.
  #open(list: Link, parts: number, total: number): boolean {
    this.#retireUnused();
    const unused: Unused = { run: 0, usedBytes: 0, next: undefined };
    const buffer = takeRun(total, false);
    if (buffer === undefined) return false;
    const run = counters[Counter.RunId] as number;
    // It stays unused if there is no stack, or no memory for a table.
    unused.run = run;
    this.#unused = unused;
    const dirty = lastDirtyBytes();
    const bytes = total / parts;
    const windows = ArrayFrom(
      { length: parts },
      (_, part) =>
        new Window(buffer, run, part * bytes, (part + 1) * bytes, dirty, TABLE_LENGTH, true),
    );
    // The lowest address is used first.
    for (let part = 1; part < parts; part++) {
      (windows[part - 1] as Window).next = windows[part];
    }
    const first = windows[0] as Window;
    const last = windows[parts - 1] as Window;
    stamp(buffer, { windows, shift: parts === 1 ? 31 : MathLog2(bytes) });
    this.#byRun.set(run, { windows, home: lastHome() });
    this.#unused = undefined;
    last.next = list.next;
    list.next = first;
    return true;
  }

  #retireUnused(): void {
    for (let unused = this.#unused; unused !== undefined; unused = unused.next) {
      native.retire(unused.run, unused.usedBytes);
      this.#unused = unused.next;
    }
  }

  // Leaves the runs to the garbage collector that have all of their windows in these lists.
  #retireWholly(lists: readonly Link[]): void {
    const all = lists.flatMap(windowsIn);
    const idle = new SafeSet(all);
    for (let i = 0; i < all.length; i++) {
      const { run } = all[i] as Window;
      const windows = this.#byRun.get(run)?.windows;
      if (windows === undefined || !windows.every((window) => idle.has(window))) continue;
      const unused: Unused = { run, usedBytes: config.slabBytes, next: undefined };
      let left = windows.length;
      this.#leaving.delete(run);
      this.#byRun.delete(run);
      this.#hasRetired = true;
      for (let i = 0; i < lists.length; i++) {
        let before = lists[i] as Link;
        for (let window = before.next; window !== undefined && left > 0; window = before.next) {
          if (window.run === run) {
            before.next = window.next;
            // An array over one that is gone keeps alive its own memory only.
            window.next = undefined;
            left--;
          } else {
            before = window;
          }
        }
      }
      unused.next = this.#unused;
      this.#unused = unused;
    }
    this.#retireUnused();
  }

  /** Leaves all idle memory to the garbage collector. */
  retire(): void {
    this.#retireUnused();
    if (!this.#hasIdled) return;
    this.#retireIdleRuns(0);
    this.#source = undefined;
    this.#retireWholly([this.#slabs, this.#chunks, this.#left]);
    this.#hasIdled = false;
  }

  /** The same. @returns whether any has been left to it since this was last called */
  retireAtLimit(): boolean {
    this.retire();
    const hasRetired = this.#hasRetired;
    this.#hasRetired = false;
    return hasRetired;
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
    return [this.#slabs, this.#runs]
      .flatMap(windowsIn)
      .reduce((sum, window) => sum + slabsOf(window), 0);
  }
}

/** This thread's memory for `'exit'` scopes. */
export const exitPool = new ExitPool();
idleHolder.retire = () => exitPool.retireAtLimit();

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
  /** The idle one after it in the list of the pool. */
  next: ExitSource | undefined;
  #lastWindow: Window | undefined;
  #windows = 0;
  #lastRun: Window | undefined;
  #runs = 0;

  // A scope that has filled a chunk goes on in whole slabs.
  protected override advance(bytes: number): boolean {
    const window = exitPool.takeWindow(this.#windows === 0 ? bytes : config.slabBytes);
    if (window === undefined) return false;
    window.next = this.#lastWindow;
    this.#lastWindow = window;
    this.#windows++;
    this.window = window;
    return true;
  }

  protected override allocateWhole(bytes: number, zeroed: boolean): boolean {
    if (bytes > LARGEST_WINDOW) return allocateCollected(bytes, zeroed);
    const run = exitPool.takeRun(bytes);
    if (run === undefined) return false;
    run.next = this.#lastRun;
    this.#lastRun = run;
    this.#runs++;
    if (zeroed) native.zero(run.run, bytes);
    place.buffer = run.buffer;
    place.offset = run.take(bytes, false);
    counters[Counter.Captured]++;
    return true;
  }

  mark(): Mark {
    const { window } = this;
    const { top, count } = window;
    return { window, windows: this.#windows, runs: this.#runs, top, count };
  }

  hasTaken({ windows, runs, top } = EMPTY): boolean {
    return this.#windows > windows || this.#runs > runs || this.window.top > top;
  }

  // A stack overflow may end it anywhere: what has not been given back then is still here, and nobody
  // goes on in what has.
  rewind({ window, windows, runs, top, count }: Mark): void {
    this.window = window;
    while (this.#runs > runs) {
      const run = this.#lastRun as Window;
      const { next } = run;
      exitPool.giveRun(run);
      this.#lastRun = next;
      this.#runs--;
    }
    while (this.#windows > windows) {
      const last = this.#lastWindow as Window;
      const { next } = last;
      exitPool.giveWindow(last);
      this.#lastWindow = next;
      this.#windows--;
    }
    window.rewind(top, count);
  }

  release(): void {
    this.rewind(EMPTY);
    exitPool.giveSource(this);
  }

  leave(): void {
    exitPool.leave(this.#lastWindow);
    exitPool.leave(this.#lastRun);
    this.release();
  }
}

const EMPTY: Mark = { window: NO_WINDOW, windows: 0, runs: 0, top: 0, count: 0 };
