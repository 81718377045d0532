import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { KIB } from '../settings.js';
import { NANOSECONDS } from '../support/units.js';
import type { Observed } from './messages.js';

/** What Node documents for entries of type 'gc'; its types leave `detail` out. */
interface GcEntry extends PerformanceEntry {
  readonly detail: { readonly kind: number };
}

const MILLISECONDS_BETWEEN_LOOKS = 25;

/** Watches what garbage collection and memory do to this process. */
export class Watch {
  #pauses: GcEntry[] = [];
  #resident = 0;
  #begun = 0;
  readonly #observer = new PerformanceObserver((list) => this.#keep(list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
    setInterval(() => this.#look(), MILLISECONDS_BETWEEN_LOOKS).unref();
  }

  async begin(): Promise<void> {
    await this.#flush();
    this.#pauses = [];
    this.#resident = 0;
    this.#begun = performance.now();
    this.#look();
  }

  async end(): Promise<Omit<Observed, 'captured'>> {
    await this.#flush();
    this.#look();
    const pauses = this.#pauses.filter(({ startTime }) => startTime >= this.#begun);
    const nanoseconds = pauses.map(({ duration }) => duration * NANOSECONDS.perMillisecond);
    return {
      markCompacts: pauses.filter(
        ({ detail: { kind } }) => kind === constants.NODE_PERFORMANCE_GC_MAJOR,
      ).length,
      gcTime: nanoseconds.reduce((sum, time) => sum + time, 0),
      longestPause: Math.max(0, ...nanoseconds),
      resident: this.#resident,
      peak: process.resourceUsage().maxRSS * KIB,
    };
  }

  #look(): void {
    this.#resident = Math.max(this.#resident, process.memoryUsage.rss());
  }

  async #flush(): Promise<void> {
    // One turn of the event loop queues the entries, the next one delivers them.
    await nextTurn();
    await nextTurn();
    this.#keep(this.#observer.takeRecords());
  }

  #keep(entries: readonly PerformanceEntry[]): void {
    this.#pauses.push(...(entries as readonly GcEntry[]));
  }
}
