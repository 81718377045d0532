import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { currentHome } from './home.js';
import { native } from './native.js';
import { allocateCollected, lastDirtyBytes, takeRun } from './runs.js';
import { NO_WINDOW, WindowSource } from './source.js';
import { stamp, Window } from './window.js';

// Asking C++ takes as long as a small allocation: at most, as about that much is prepared at a time.
const BYTES_PER_QUESTION = 16 * 1024;

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

  // A window that lives through two collections moves to the old generation, where its memory has
  // to wait for a full one. So it is left behind as soon as it has seen the first; and when its
  // thread runs on another NUMA node.
  protected override leaveIfOld(): void {
    if (currentHome() !== this.#home || this.#hasSeenCollection()) this.retire();
  }

  #hasSeenCollection(): boolean {
    const { top } = this.window;
    if (top < this.#askAt) return false;
    this.#askAt = top + BYTES_PER_QUESTION;
    return native.collections() !== this.#collections;
  }

  protected override advance(): boolean {
    this.retire();
    const buffer = takeRun(config.slabBytes, false);
    if (buffer === undefined) return false;
    const run = counters[Counter.RunId] as number;
    try {
      const window = new Window(
        buffer,
        run,
        0,
        config.slabBytes,
        lastDirtyBytes(),
        this.#tableLength,
      );
      stamp(buffer, { windows: [window], shift: 31 });
      this.#askAt = BYTES_PER_QUESTION;
      this.#collections = native.collections();
      this.#home = currentHome();
      this.window = window;
      return true;
    } catch (error) {
      // No stack, or no memory for the table.
      native.retire(run, 0);
      throw error;
    }
  }

  protected override allocateWhole(bytes: number, zeroed: boolean): boolean {
    return allocateCollected(bytes, zeroed);
  }

  /** Leaves the current window to the garbage collector. */
  retire(): void {
    const { window } = this;
    if (window.run < 0) return;
    this.#tableLength = Math.max(window.count, 256);
    this.window = NO_WINDOW;
    native.retire(window.run, window.top);
  }

  /** Bytes of the current window that have not been handed out. */
  get roomBytes(): number {
    return this.window.limit - this.window.top;
  }
}

/** This thread's source for `'collected'` scopes. */
export const collectedSource = new CollectedSource();
