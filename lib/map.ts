import { arena } from './arena.js';
import { ArenaError, describe, requireRunning } from './errors.js';
import { type ArenaOptions, checkValues, requireObject, scopeRules } from './options.js';
import { NumberIsInteger, ObjectKeys, types } from './primordials.js';

/** Options of {@link mapArena}. */
export interface MapArenaOptions extends ArenaOptions {
  /**
   * How many promises of an asynchronous `fn` may be pending at once; an integer of 1 or more.
   * @defaultValue 1
   */
  concurrency?: number;
}

const RULES = {
  concurrency: {
    expected: 'an integer of 1 or more',
    accepts: (value: unknown) => NumberIsInteger(value) && (value as number) >= 1,
  },
  ...scopeRules,
};
const NAMES = ObjectKeys(RULES);

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
  options: MapArenaOptions = {},
): Result[] | Promise<Result[]> {
  requireRunning('fn', fn);
  if (typeof (items as Partial<Iterable<Item>> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new ArenaError(
      'ERR_ARENA_INVALID_ARG',
      `Expected an iterable for items but received ${describe(items)}`,
    );
  }
  requireObject(options);
  checkValues(options, NAMES, RULES);
  const { concurrency = 1, ...scope } = options;
  const call = (item: Item, index: number) => arena(() => fn(item, index), scope);
  const entries = withIndex(items);
  const results: Result[] = [];
  // No `for` loop over the entries: it would close them when it is left.
  for (let next = entries.next(); !next.done; next = entries.next()) {
    const [index, item] = next.value;
    const result = closingOnThrow(entries, () => call(item, index));
    if (types.isPromise(result)) {
      return new Pending(entries, call, results).run(concurrency, result as Promise<Result>, index);
    }
    results.push(result as Result);
  }
  return results;
}

function* withIndex<Item>(items: Iterable<Item>): Generator<[number, Item], void> {
  let index = 0;
  for (const item of items) yield [index++, item];
}

// As a `for` loop does with what it iterates over.
function closingOnThrow<T>(entries: Generator, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    entries.return(undefined);
    throw error;
  }
}

/** The rest of a map whose function turned out to be asynchronous. */
class Pending<Item, Result> {
  // Nothing is begun any more: all items are taken, or one has failed.
  #over = false;

  constructor(
    readonly entries: Generator<[number, Item], void>,
    readonly fn: (item: Item, index: number) => Result | Promise<Result>,
    readonly results: Result[],
  ) {}

  async run(concurrency: number, first: Promise<Result>, index: number): Promise<Result[]> {
    const workers = [this.#store(index, () => first).then(() => this.#work())];
    while (workers.length < concurrency && !this.#over) workers.push(this.#work());
    await Promise.all(workers);
    return this.results;
  }

  async #work(): Promise<void> {
    while (!this.#over) await this.#next();
  }

  async #next(): Promise<void> {
    const next = this.entries.next();
    if (next.done) {
      this.#over = true;
      return;
    }
    const [index, item] = next.value;
    await this.#store(index, () => this.fn(item, index));
  }

  async #store(index: number, result: () => Result | Promise<Result>): Promise<void> {
    try {
      this.results[index] = await result();
    } catch (error) {
      this.#over = true;
      this.entries.return();
      throw error;
    }
  }
}
