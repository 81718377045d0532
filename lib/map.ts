import { types } from 'node:util';
import { ArenaError, describe, invalidOption, requireFunction } from './errors.js';
import type { ArenaOptions } from './options.js';
import { arena } from './scope.js';

/** Options of {@link mapArena}. */
export interface MapArenaOptions extends ArenaOptions {
  /**
   * How many promises of an asynchronous `fn` may be pending at once; an integer of 1 or more.
   * @defaultValue 1
   */
  concurrency?: number;
}

/**
 * Calls `fn` for each item, each call in a scope of its own.
 *
 * @param items - any iterable; taken one at a time
 * @param fn - gets the item and its index; synchronous or asynchronous
 * @param options - of the scopes, and `concurrency`
 * @returns the results in the order of the items: an array, or a promise of one as soon as `fn`
 *   returns a promise
 * @throws what `fn` throws first; items after it are not begun
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG`, `ERR_ARENA_INVALID_OPTION`
 */
export function mapArena<Item, Result>(
  items: Iterable<Item>,
  fn: (item: Item, index: number) => Promise<Result>,
  options?: MapArenaOptions,
): Promise<Result[]>;
export function mapArena<Item, Result>(
  items: Iterable<Item>,
  fn: (item: Item, index: number) => Result,
  options?: MapArenaOptions,
): Result[];
export function mapArena<Item, Result>(
  items: Iterable<Item>,
  fn: (item: Item, index: number) => Result | Promise<Result>,
  { concurrency = 1, ...scope }: MapArenaOptions = {},
): Result[] | Promise<Result[]> {
  requireFunction('fn', fn);
  if (typeof (items as Partial<Iterable<Item>> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new ArenaError(
      'ERR_ARENA_INVALID_ARG',
      `Expected an iterable for items but received ${describe(items)}`,
    );
  }
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw invalidOption('concurrency', 'an integer of 1 or more', concurrency);
  }
  const entries = withIndex(items);
  const results: Result[] = [];
  for (const [index, item] of entries) {
    const result = arena(() => fn(item, index), scope);
    if (types.isPromise(result)) {
      const rest = new Pending(entries, (value, at) => arena(() => fn(value, at), scope), results);
      return rest.run(concurrency, result as Promise<Result>, index);
    }
    results.push(result as Result);
  }
  return results;
}

// A generator, but one that a `for` loop that returns early does not close.
function withIndex<Item>(items: Iterable<Item>): IterableIterator<[number, Item]> {
  const iterator = items[Symbol.iterator]();
  let index = 0;
  return {
    next() {
      const { done, value } = iterator.next();
      return done ? { done, value: undefined } : { done: false, value: [index++, value] };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

/** The rest of a map whose function turned out to be asynchronous. */
class Pending<Item, Result> {
  #failed = false;

  constructor(
    readonly entries: Iterator<[number, Item]>,
    readonly fn: (item: Item, index: number) => Result | Promise<Result>,
    readonly results: Result[],
  ) {}

  async run(concurrency: number, first: Promise<Result>, index: number): Promise<Result[]> {
    const workers = [this.#store(first, index).then(() => this.#work())];
    while (workers.length < concurrency) workers.push(this.#work());
    await Promise.all(workers);
    return this.results;
  }

  async #store(result: Result | Promise<Result>, index: number): Promise<void> {
    try {
      this.results[index] = await result;
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  async #work(): Promise<void> {
    while (!this.#failed) {
      const { done, value } = this.entries.next();
      if (done) return;
      const [index, item] = value;
      await this.#store(this.#begin(item, index), index);
    }
  }

  // A call that throws at once fails like one whose promise is rejected.
  async #begin(item: Item, index: number): Promise<Result> {
    return this.fn(item, index);
  }
}
