import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Remembers when the garbage collector ran. Entries reach JavaScript long after the collection they tell of,
 * so a collection belongs to whoever was running at its start time, not when its entry arrived.
 */
export class GcLog {
  readonly #starts: number[] = [];
  readonly #observer = new PerformanceObserver((list) => this.#keep(list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Waits until the entries of all collections so far are here. */
  async flush(): Promise<void> {
    // One turn of the event loop queues the entries, the next one delivers them.
    await nextTurn();
    await nextTurn();
    this.#keep(this.#observer.takeRecords());
  }

  /** Collections, minor and major, that began between two `performance.now()` times. */
  countBetween(from: number, to: number): number {
    return this.#starts.filter((start) => start >= from && start <= to).length;
  }

  stop(): void {
    this.#observer.disconnect();
  }

  #keep(entries: readonly PerformanceEntry[]): void {
    for (const entry of entries) {
      if (isWholeCollection(entry)) this.#starts.push(entry.startTime);
    }
  }
}

/** Steps of incremental marking and weak callbacks are parts of a collection, not further ones. */
function isWholeCollection(entry: PerformanceEntry): boolean {
  const { kind } = (entry as GcEntry).detail;
  return (
    kind !== constants.NODE_PERFORMANCE_GC_INCREMENTAL &&
    kind !== constants.NODE_PERFORMANCE_GC_WEAKCB
  );
}

/** What Node documents for entries of type 'gc'; its types leave `detail` out. */
interface GcEntry extends PerformanceEntry {
  readonly detail: { readonly kind: number };
}
