import os from 'node:os';
import path from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { native } from '../native.js';
import { isPinned } from '../pinning/affinity.js';
import type { LaneMessage } from './protocol.js';
import type { TaskPool } from './types.js';

const WORKER = path.join(__dirname, 'worker.js');

/** The threads of one map: started for it, or lent by the caller. */
export class WorkerPool {
  readonly #pool: TaskPool;
  readonly #destroy: () => Promise<void>;

  private constructor(pool: TaskPool, destroy: () => Promise<void>) {
    this.#pool = pool;
    this.#destroy = destroy;
  }

  /** Starts threads of our own. */
  static start(threads: number): WorkerPool {
    const { Piscina }: typeof import('piscina') = require('piscina');
    const pool = new Piscina({
      minThreads: threads,
      maxThreads: threads,
      // Workers that wait by Atomics.wait() do not turn their event loop: timers and finalizers starve.
      atomics: 'disabled',
      recordTiming: false,
    });
    // Of workers that are being ended, when nobody listens any more.
    pool.on('error', () => {});
    return new WorkerPool(pool as TaskPool, () => pool.destroy());
  }

  /** Uses the threads of somebody else, who keeps them. */
  static borrow(pool: TaskPool): WorkerPool {
    return new WorkerPool(pool, async () => {});
  }

  /** How many chunks it can work on at once. */
  get capacity(): number {
    const { maxThreads, concurrentTasksPerWorker = 1 } = this.#pool.options;
    return maxThreads * concurrentTasksPerWorker;
  }

  /** Whether others wait for a worker of theirs. */
  get areAwaited(): boolean {
    return (this.#pool.queueSize ?? 0) > 0;
  }

  /**
   * Has a worker run chunks, until their port is closed.
   *
   * @throws what ended the worker, or why it could not be asked
   */
  async run(lane: LaneMessage, signal: AbortSignal | undefined): Promise<void> {
    const transferList: MessagePort[] = [lane.chunks, lane.results];
    const options = { filename: WORKER, name: 'runLane', transferList };
    await this.#pool.run(lane, signal === undefined ? options : { ...options, signal });
  }

  /** Listens for errors of workers that were running nothing. @returns what ends that */
  onIdleError(listener: (error: unknown) => void): () => void {
    this.#pool.on('error', listener);
    return () => this.#pool.off('error', listener);
  }

  /** Ends our own threads; borrowed ones go on. */
  close(): Promise<void> {
    return this.#destroy();
  }
}

/** How many threads can work at once. */
export function usableThreads(): number {
  const cpus = native.startAffinity();
  // Node counts the cpus of the thread that asks, which are few when it is pinned.
  return typeof cpus !== 'number' && isPinned() ? cpus.length : os.availableParallelism();
}
