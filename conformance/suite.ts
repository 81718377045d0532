import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Job, PASSES, type Pass } from './messages.js';
import { RunnerPool } from './runner-pool.js';
import { isTest, readTest, variantsOf } from './test-case.js';

/** The folders of test262 that are about what arena-pirate replaces. */
export const FOLDERS = ['TypedArray', 'TypedArrayConstructors', 'ArrayBuffer', 'DataView'] as const;

/** What became of one test: why it failed, by the surroundings in which it failed. */
export interface Result {
  readonly path: string;
  readonly folder: string;
  readonly failures: ReadonlyMap<Pass, string>;
}

/** The paths of all tests of a folder of built-ins. */
export function testsOf(root: string, folder: string): string[] {
  const base = `test/built-ins/${folder}`;
  return readdirSync(`${root}/${base}`, { recursive: true, encoding: 'utf8' })
    .filter(isTest)
    .map((file) => `${base}/${file.replaceAll('\\', '/')}`)
    .sort();
}

/** Runs tests in all surroundings. */
export class Suite {
  readonly #root: string;
  readonly #pools: ReadonlyMap<Pass, RunnerPool>;

  /** @param root - the checkout of test262 */
  constructor(root: string) {
    this.#root = root;
    this.#pools = new Map(PASSES.map((pass) => [pass, new RunnerPool(root, pass)]));
  }

  /** Runs all tests of `folders`, as many at a time as there are processors. */
  async run(folders: readonly string[], onResult: (result: Result) => void): Promise<void> {
    const pending = folders.flatMap((folder) =>
      testsOf(this.#root, folder).map((path) => ({ folder, path })),
    );
    pending.reverse();
    const work = async () => {
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        onResult({ ...next, failures: await this.#failuresOf(next.path) });
      }
    };
    try {
      await Promise.all(Array.from({ length: availableParallelism() }, work));
    } finally {
      for (const pool of this.#pools.values()) pool.close();
    }
  }

  // What plain Node does not pass says nothing about arenas.
  async #failuresOf(path: string): Promise<Map<Pass, string>> {
    const failures = new Map<Pass, string>();
    for (const pass of PASSES) {
      const failure = await this.#failureOf(pass, path);
      if (failure !== undefined) failures.set(pass, failure);
      if (failures.has('plain')) break;
    }
    return failures;
  }

  async #failureOf(pass: Pass, path: string): Promise<string | undefined> {
    const pool = this.#pools.get(pass) as RunnerPool;
    for (const variant of variantsOf(readTest(this.#root, path))) {
      const job: Job = { path, variant, alone: variant === 'raw' || variant === 'module' };
      const failed = (await pool.run(job)) !== undefined;
      // Where others have been before, a failure may be theirs.
      const failure = failed ? await pool.run({ ...job, alone: true }) : undefined;
      if (failure !== undefined) return `${failure} (${variant})`;
    }
    return undefined;
  }
}
