import { config } from './config.js';
import { arrayBufferByteLength } from './intrinsics.js';
import { native } from './native.js';
import { lastDirtyBytes, lastRun, takeRun } from './runs.js';
import { placeWhole, Source } from './source.js';
import { stamp, Window } from './window.js';

// A slab is cut into this many chunks for scopes that need little, so that many of them may be
// open at once without a huge page each.
const CHUNKS_PER_SLAB = 16;

/** An ArrayBuffer with slabs of its own. */
interface Whole {
  readonly buffer: ArrayBuffer;
  readonly bytes: number;
  readonly run: number;
}

function slabsOf(bytes: number): number {
  return Math.ceil(bytes / config.slabBytes);
}

/**
 * Memory of `'exit'` scopes that none uses at present. The ArrayBuffers over it are kept, so that
 * opening a scope and leaving it crosses into C++ only when it needs more than ever before. Last in,
 * first out: what was used last is still in the cache.
 */
class ExitPool {
  // All windows, in use or not, by the run they lie in.
  readonly #byRun = new Map<number, Window[]>();
  #slabs: Window[] = [];
  #chunks: Window[] = [];
  #wholes: Whole[] = [];
  #sources: ExitSource[] = [];

  /** A window of a chunk, or of a whole slab when `bytes` ask for it. */
  takeWindow(bytes: number): Window | undefined {
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
    const isSlab = window.limit - window.base === config.slabBytes;
    (isSlab ? this.#slabs : this.#chunks).push(window);
  }

  takeSource(): ExitSource {
    return this.#sources.pop() ?? new ExitSource();
  }

  giveSource(source: ExitSource): void {
    this.#sources.push(source);
  }

  takeWhole(bytes: number, zeroed: boolean): Whole | undefined {
    const same = this.#wholes.findLastIndex((whole) => whole.bytes === bytes);
    if (same >= 0) {
      const [whole] = this.#wholes.splice(same, 1) as [Whole];
      if (zeroed) native.zero(whole.run, bytes);
      return whole;
    }
    const slabs = slabsOf(bytes);
    const fitting = this.#wholes.findLastIndex((whole) => slabsOf(whole.bytes) === slabs);
    if (fitting >= 0) {
      const [{ run }] = this.#wholes.splice(fitting, 1) as [Whole];
      const buffer = native.reopen(run, bytes, zeroed);
      if (buffer !== undefined) {
        stamp(buffer, 'whole');
        return { buffer, bytes, run };
      }
      native.retire(run, slabs * config.slabBytes);
      return undefined;
    }
    this.#retireIdleWholes(config.collectBudget);
    const buffer = takeRun(bytes, zeroed);
    if (buffer === undefined) return undefined;
    stamp(buffer, 'whole');
    return { buffer, bytes, run: lastRun() };
  }

  giveWhole(whole: Whole): void {
    if (arrayBufferByteLength(whole.buffer) !== whole.bytes) {
      // Detached: it was transferred to another thread.
      native.retire(whole.run, whole.bytes);
      return;
    }
    native.markDirty(whole.run, whole.bytes);
    this.#wholes.push(whole);
  }

  // Idle memory of one size is of no use to another: past `keepBytes` the longest idle goes.
  #retireIdleWholes(keepBytes: number): void {
    let idle = this.#wholes.reduce((sum, { bytes }) => sum + bytes, 0);
    while (idle > keepBytes) {
      const whole = this.#wholes.shift() as Whole;
      idle -= whole.bytes;
      native.retire(whole.run, whole.bytes);
    }
  }

  #newWindows(parts: number): Window[] | undefined {
    const buffer = takeRun(config.slabBytes, false);
    if (buffer === undefined) return undefined;
    const run = lastRun();
    const dirty = lastDirtyBytes();
    const bytes = config.slabBytes / parts;
    const windows = Array.from(
      { length: parts },
      (_, part) => new Window(buffer, run, part * bytes, (part + 1) * bytes, dirty, 64),
    );
    stamp(buffer, { windows, shift: Math.log2(bytes) });
    this.#byRun.set(run, windows);
    return windows;
  }

  /** Leaves all idle memory to the garbage collector. */
  retire(): void {
    this.#retireIdleWholes(0);
    const idle = new Set([...this.#slabs, ...this.#chunks]);
    for (const [run, windows] of this.#byRun) {
      if (!windows.every((window) => idle.has(window))) continue;
      for (const window of windows) idle.delete(window);
      this.#byRun.delete(run);
      native.retire(run, config.slabBytes);
    }
    this.#slabs = this.#slabs.filter((window) => idle.has(window));
    this.#chunks = this.#chunks.filter((window) => idle.has(window));
    this.#sources = [];
  }

  /** Bytes of slabs held that have not been handed out. */
  get roomBytes(): number {
    let room = this.#wholes.reduce((sum, { bytes }) => sum + slabsOf(bytes) * config.slabBytes, 0);
    for (const windows of this.#byRun.values()) {
      for (const window of windows) room += window.limit - window.top;
    }
    return room;
  }

  /** Slabs held that no scope uses. */
  get idleSlabs(): number {
    return this.#slabs.length + this.#wholes.reduce((sum, { bytes }) => sum + slabsOf(bytes), 0);
  }
}

/** This thread's memory for `'exit'` scopes. */
export const exitPool = new ExitPool();

/** A point in a source that it can go back to. */
export interface Mark {
  readonly windows: number;
  readonly wholes: number;
  readonly top: number;
  readonly count: number;
}

/** What one `'exit'` scope and the synchronous scopes nested in it allocate from. */
export class ExitSource extends Source {
  readonly #windows: Window[] = [];
  readonly #wholes: Whole[] = [];

  // A scope that has filled a chunk goes on in whole slabs.
  protected override advance(bytes: number): boolean {
    const window = exitPool.takeWindow(this.#windows.length === 0 ? bytes : config.slabBytes);
    if (window === undefined) return false;
    this.#windows.push(window);
    this.window = window;
    return true;
  }

  protected override allocateWhole(bytes: number, zeroed: boolean): boolean {
    const whole = exitPool.takeWhole(bytes, zeroed);
    if (whole === undefined) return false;
    this.#wholes.push(whole);
    placeWhole(whole.buffer);
    return true;
  }

  mark(): Mark {
    const { top, count } = this.window;
    return { windows: this.#windows.length, wholes: this.#wholes.length, top, count };
  }

  /** Gives back what was taken since `mark`. */
  rewind({ windows, wholes, top, count }: Mark): void {
    while (this.#wholes.length > wholes) exitPool.giveWhole(this.#wholes.pop() as Whole);
    while (this.#windows.length > windows) exitPool.giveWindow(this.#windows.pop() as Window);
    const window = this.#windows.at(-1);
    if (window === undefined) this.dropWindow();
    else {
      this.window = window;
      window.rewind(top, count);
    }
  }

  /** Gives everything back, the source itself too. */
  release(): void {
    this.rewind(EMPTY);
    exitPool.giveSource(this);
  }
}

const EMPTY: Mark = { windows: 0, wholes: 0, top: 0, count: 0 };
