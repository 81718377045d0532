import { mtMapArena } from 'arena-pirate';
import { Piscina } from 'piscina';
import { arenaOptions } from '../support/variant.js';
import type { PlainChunk, TaskName } from './tasks.js';

const TASKS = require.resolve('./tasks.js');

/** Worker threads that stay from one map to the next, so that only the maps are compared. */
export class OnThreads {
  // Workers without arena-pirate, and workers with it.
  #withoutArenas: Piscina<PlainChunk, number[]> | undefined;
  #withArenas: Piscina | undefined;

  /**
   * @param threads - how many work at once; they are started by the first map
   * @param chunk - how many items a thread is sent at a time
   */
  constructor(
    readonly threads: number,
    readonly chunk: number,
  ) {}

  /** The results in the order of the items, with memory from plain Node. */
  async plain(items: readonly unknown[], task: TaskName): Promise<number[]> {
    this.#withoutArenas ??= this.#start();
    const pool = this.#withoutArenas;
    const results: Promise<number[]>[] = [];
    for (let first = 0; first < items.length; first += this.chunk) {
      const chunk = { task, items: items.slice(first, first + this.chunk) as never[] };
      results.push(pool.run(chunk, { filename: TASKS, name: 'runPlainChunk' }));
    }
    return (await Promise.all(results)).flat();
  }

  /** The same, each task in an arena scope of its own. */
  inArenas(
    items: readonly unknown[],
    task: TaskName,
    release: 'collected' | 'exit',
  ): Promise<number[]> {
    this.#withArenas ??= this.#start();
    const options = { ...arenaOptions[release], chunk: this.chunk, pool: this.#withArenas };
    return mtMapArena<number>(items, { module: TASKS, name: task }, options);
  }

  #start(): Piscina {
    return new Piscina({ minThreads: this.threads, maxThreads: this.threads });
  }
}
