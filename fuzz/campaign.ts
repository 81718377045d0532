import type { Release } from 'arena-pirate';
import fc from 'fast-check';
import { ArenaWorlds } from './arena-worlds.js';
import { PlainNode } from './plain-node.js';
import { minBytes, type Program, programs, sourceOf } from './program.js';

/** What a program runs in, besides plain Node. */
type Surroundings = 'outside' | Release;

/** A program that was answered otherwise than in plain Node. */
export interface Difference {
  readonly source: string;
  readonly async: boolean;
  readonly surroundings: Surroundings;
  readonly minBytes: number;
  readonly plain: string;
  readonly found: string;
}

/** What a batch of programs came to. */
export interface BatchResult {
  readonly programs: number;
  readonly difference: Difference | undefined;
}

class DifferenceError extends Error {
  constructor(readonly difference: Difference) {
    super('answered otherwise');
  }
}

/** Random programs, run in plain Node and in arenas. */
export class Campaign {
  readonly #plain = new PlainNode();
  readonly #worlds = new ArenaWorlds();
  #batches = 0;

  get captured(): number {
    return this.#worlds.captured;
  }

  /** Runs programs that follow from `seed`, up to the first difference, which is shrunk. */
  async batch(seed: number, runs: number): Promise<BatchResult> {
    await this.#worlds.configure(this.#batches++);
    let count = 0;
    const property = fc.asyncProperty(
      programs,
      minBytes,
      fc.nat(9),
      async (program, from, dice) => {
        count++;
        await this.#compare(program, from, dice === 0);
      },
    );
    const { failed, errorInstance } = await fc.check(property, { seed, numRuns: runs });
    if (!failed) return { programs: count, difference: undefined };
    if (errorInstance instanceof DifferenceError) {
      return { programs: count, difference: errorInstance.difference };
    }
    throw errorInstance;
  }

  async #compare(program: Program, from: number, outside: boolean): Promise<void> {
    const source = sourceOf(program);
    const { async } = program;
    const answer = this.#plain.answer(source, async);
    this.#worlds.soil();
    const all: Surroundings[] = outside ? ['outside'] : ['collected', 'exit'];
    const running = all.map((surroundings) =>
      surroundings === 'outside'
        ? this.#worlds.outside(source, async)
        : this.#worlds.inside(source, async, surroundings, from),
    );
    // Asynchronous ones run side by side.
    const found = async ? await Promise.all(running) : (running as string[]);
    const plain = await answer;
    for (const [i, surroundings] of all.entries()) {
      if (found[i] === plain) continue;
      throw new DifferenceError({
        source,
        async,
        surroundings,
        minBytes: from,
        plain,
        found: found[i] as string,
      });
    }
  }

  close(): void {
    this.#plain.close();
  }
}
