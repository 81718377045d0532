import { config } from './config.js';
import { Counter, counters } from './counters.js';
import { Refusal } from './native.js';
import { Window } from './window.js';

const NO_BUFFER = new ArrayBuffer(0);

/** Where the allocation that a {@link Source} has just made lies. */
export const place = {
  buffer: NO_BUFFER,
  offset: 0,
};

/** Lets go of the buffer at {@link place}, which would live until the next allocation otherwise. */
export function forgetPlace(): void {
  place.buffer = NO_BUFFER;
}

/** Nothing fits in it, so that the first allocation takes the slow path. */
export const NO_WINDOW = new Window(NO_BUFFER, -1, 0, 0, 0, 0);

/** Memory that scopes allocate from. The fast path bumps `window` and never gets to `allocate`. */
export abstract class Source {
  window: Window = NO_WINDOW;
  /** Whether it is {@link Released}. */
  readonly isReleased: boolean = false;

  /**
   * Puts an allocation of `bytes` (1 or more) at {@link place}.
   * @returns false when there is no memory; the reason has been counted
   */
  abstract allocate(bytes: number, zeroed: boolean): boolean;
}

/** A source that cuts its allocations from windows. */
export abstract class WindowSource extends Source {
  override allocate(bytes: number, zeroed: boolean): boolean {
    let offset = this.window.takePrepared(bytes, zeroed);
    if (offset < 0) {
      this.leaveIfOld();
      // Past half a window too much of one would be left over.
      if (bytes > this.windowBytes / 2) return this.allocateWhole(bytes, zeroed);
      if (!this.window.fits(bytes) && !this.advance(bytes)) return false;
      offset = this.window.take(bytes, zeroed);
    }
    place.offset = offset;
    place.buffer = this.window.buffer;
    counters[Counter.Captured]++;
    return true;
  }

  /** Lets go of a window that had better not be used any more, before it is prepared further. */
  protected leaveIfOld(): void {}
  /** How large windows are. */
  protected get windowBytes(): number {
    return config.slabBytes;
  }
  /** Makes `window` one in which `bytes` fit. */
  protected abstract advance(bytes: number): boolean;
  /** An allocation with an ArrayBuffer of its own. */
  protected abstract allocateWhole(bytes: number, zeroed: boolean): boolean;
}

/** A source whose memory is given back when scopes end, not when V8 says so. */
export interface Released<Mark = unknown> {
  /** A point that {@link rewind} can go back to. */
  mark(): Mark;
  /** Whether anything has been taken since `mark`, at all if there is none. */
  hasTaken(mark?: Mark): boolean;
  /** Gives back what was taken since `mark`. */
  rewind(mark: Mark): void;
  /** Gives everything back, the source itself too. */
  release(): void;
  /** The same, but leaves to the garbage collector what has been taken: the work that was begun with it may go on. */
  leave(): void;
}

export function isReleased(source: Source): source is Source & Released {
  return source.isReleased;
}

const FALLBACKS: Record<Refusal, Counter> = {
  [Refusal.MaxBytes]: Counter.FallbackMaxBytes,
  [Refusal.Memory]: Counter.FallbackMemory,
  [Refusal.NoBuffer]: Counter.FallbackNoBuffer,
};

/** Counts that an array comes from V8 although a scope asked for it. */
export function countFallback(refusal: Refusal): void {
  counters[FALLBACKS[refusal]]++;
}
