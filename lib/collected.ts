import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { currentHome } from './home.js';
import { fillElements, OriginalUint8Array } from './intrinsics.js';
import { native } from './native.js';
import { MathMax, MathMin, MathSqrt } from './primordials.js';
import { allocateCollected, placeWhole, takeRun } from './runs.js';
import { NO_WINDOW, WindowSource } from './source.js';
import { aligned, stamp, Window } from './window.js';

// Asking C++ takes as long as a small allocation. Where more is prepared at a time, it is asked more rarely still.
const BYTES_PER_QUESTION = 16 * 1024;

// V8 charges an ArrayBuffer with all of its length as long as anything in it is alive, and collects fully for it once it
// is old. So where V8 collects often, by how much is allocated here in between, windows are cut smaller: each costs some
// microseconds, and a full collection some milliseconds.
const SHARE_OF_INTERVAL = 1 / 4;
const LEAST_WINDOW_BYTES = 128 * 1024;
const LEAST_INTERVAL = 64 * 1024;
const FIRST_INTERVAL = 64 * 2 ** 20;

const NO_RUN = -1;

/**
 * What `'collected'` scopes of a thread allocate from, all of them together: a window that is left
 * to the garbage collector when it is full. A scope's end is nothing to it.
 */
class CollectedSource extends WindowSource {
  // Tables of one thread's windows are filled alike: the last one's length saves growing the next.
  #tableLength = 256;
  // How often V8 had collected, and where memory was to lie, when the window was taken.
  #collections = 0;
  #home = 0;
  // From where on in the window it is asked again whether they have changed.
  #askAt = 0;
  // The slab that windows are cut from, one after the other: where the next one begins, up to where it has been used
  // by those that have been left, and up to where it was dirty before.
  #run = NO_RUN;
  #next = 0;
  #used = 0;
  #dirty = 0;
  // Bytes allocated since V8 has last collected by itself, and from one such time to the next, of late.
  #since = 0;
  #interval = FIRST_INTERVAL;

  // A window that lives through two collections moves to the old generation, where its memory has
  // to wait for a full one. So it is left behind as soon as it has seen the first; and when its
  // thread runs on another NUMA node.
  protected override leaveIfOld(): void {
    const { window } = this;
    if (currentHome() !== this.#home) {
      this.retire();
    } else if (window !== NO_WINDOW && this.#hasSeenCollection(window)) {
      this.#leave();
      this.#interval = MathSqrt(this.#interval * MathMax(this.#since, LEAST_INTERVAL));
      this.#since = 0;
    }
  }

  #hasSeenCollection({ top }: Window): boolean {
    if (top < this.#askAt) return false;
    this.#askAt = top + BYTES_PER_QUESTION;
    return native.collections() !== this.#collections;
  }

  protected override advance(): boolean {
    this.#leave();
    const size = this.windowBytes;
    const buffer = this.#open(size);
    if (buffer === undefined) return false;
    const origin = this.#next - size;
    const dirty = MathMax(this.#dirty - origin, 0);
    const window = new Window(buffer, this.#run, 0, size, dirty, this.#tableLength, false, origin);
    stamp(buffer, { windows: [window], shift: 31 });
    this.#askAt = BYTES_PER_QUESTION;
    this.#collections = native.collections();
    this.window = window;
    return true;
  }

  /** Of the next window: a slab or half of one, a quarter and so on. */
  protected override get windowBytes(): number {
    const most = MathMax(this.#interval * SHARE_OF_INTERVAL, LEAST_WINDOW_BYTES);
    let bytes = config.slabBytes;
    while (bytes > most) bytes /= 2;
    return bytes;
  }

  /** The next part of the slab, or the first of another; whatever throws later, it is not handed out again. */
  #open(bytes: number): ArrayBuffer | undefined {
    const size = aligned(bytes);
    if (this.#run !== NO_RUN && this.#next + bytes <= config.slabBytes) {
      const buffer = native.open(this.#run, this.#next, bytes);
      this.#next += size;
      if (buffer !== undefined) return buffer;
    }
    this.retire();
    const home = currentHome();
    const buffer = takeRun(bytes, false);
    if (buffer === undefined) return undefined;
    // No calls, for which there may be no stack, before all is known of the slab.
    this.#run = counters[Counter.RunId] as number;
    this.#dirty = counters[Counter.DirtyBytes] as number;
    this.#home = home;
    this.#next = size;
    this.#used = 0;
    return buffer;
  }

  // What would take up most of a window has a part of the slab of its own, or slabs.
  protected override allocateWhole(bytes: number, zeroed: boolean): boolean {
    this.#since += bytes;
    if (bytes > config.slabBytes / 2) return allocateCollected(bytes, zeroed);
    const buffer = this.#open(bytes);
    if (buffer === undefined) return false;
    this.#used = this.#next;
    const origin = this.#next - aligned(bytes);
    const dirtyEnd = MathMin(this.#dirty - origin, bytes);
    if (zeroed && dirtyEnd > 0) fillElements(new OriginalUint8Array(buffer), 0, 0, dirtyEnd);
    placeWhole(buffer);
    return true;
  }

  #leave(): void {
    const { window } = this;
    if (window === NO_WINDOW) return;
    this.#tableLength = MathMax(window.count, 256);
    this.#since += window.top;
    this.#interval = MathMax(this.#interval, this.#since);
    this.#used = MathMax(this.#used, window.origin + window.top);
    this.window = NO_WINDOW;
  }

  /** Leaves what it has to the garbage collector. */
  retire(): void {
    this.#leave();
    const run = this.#run;
    if (run === NO_RUN) return;
    native.retire(run, this.#used);
    this.#run = NO_RUN;
  }

  /** Bytes of the current slab that have not been handed out. */
  get roomBytes(): number {
    if (this.#run === NO_RUN) return 0;
    const { top, limit } = this.window;
    return config.slabBytes - this.#next + limit - top;
  }
}

/** This thread's source for `'collected'` scopes. */
export const collectedSource = new CollectedSource();
