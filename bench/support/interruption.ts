import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
export type Signal = (typeof SIGNALS)[number];

/**
 * A signal that asks this process to end. It no longer does so by itself: who makes this ends the process, soon, when
 * it comes. Further ones change nothing, for a terminal sends one to all processes, of which one may pass it on.
 */
export class Interruption {
  readonly came: Promise<Signal>;
  #signal: Signal | undefined;

  constructor() {
    this.came = new Promise((resolve) => {
      for (const signal of SIGNALS) {
        process.on(signal, () => {
          this.#signal ??= signal;
          resolve(signal);
        });
      }
    });
  }

  /** The first that has come. */
  get signal(): Signal | undefined {
    return this.#signal;
  }
}

/** As shells have it. */
export function exitCodeFor(signal: Signal): number {
  return 128 + constants.signals[signal];
}
