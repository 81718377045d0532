import type { Release } from 'arena-pirate';
import fc from 'fast-check';
import { ArenaWorlds } from './arena-worlds.js';
import type { Difference } from './difference.js';
import { PlainNode } from './plain-node.js';
import { minBytes, type Program, programs, sourceOf } from './program.js';

/** What a program runs in, besides plain Node. */
export type Surroundings = 'outside' | Release;

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

/** What a program answers with the package loaded. */
export function answerInArenas(
  worlds: ArenaWorlds,
  source: string,
  async: boolean,
  surroundings: Surroundings,
  from: number,
): string | Promise<string> {
  if (surroundings === 'outside') return worlds.outside(source, async);
  return worlds.inside(source, async, surroundings, from);
}

/** Random programs, run in plain Node and in arenas. */
export class Campaign {
  readonly #plain = new PlainNode();
  readonly #worlds = new ArenaWorlds();
  #batches = 0;

  /** Arrays that came from arenas so far. */
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
        await this.#compare(program, from, dice === 0 ? ['outside'] : ['collected', 'exit']);
      },
    );
    const { failed, errorInstance } = await fc.check(property, { seed, numRuns: runs });
    if (!failed) return { programs: count, difference: undefined };
    if (errorInstance instanceof DifferenceError) {
      return { programs: count, difference: errorInstance.difference };
    }
    throw errorInstance;
  }

  async #compare(program: Program, from: number, all: readonly Surroundings[]): Promise<void> {
    const source = sourceOf(program);
    const { async } = program;
    const answer = this.#plain.answer(source, async);
    this.#worlds.soil();
    const running = all.map((surroundings) =>
      answerInArenas(this.#worlds, source, async, surroundings, from),
    );
    // Asynchronous ones run side by side.
    const answers = await Promise.all(running);
    const plain = await answer;
    for (const [i, surroundings] of all.entries()) {
      const found = answers[i] as string;
      if (found === plain) continue;
      throw new DifferenceError({ source, async, surroundings, minBytes: from, plain, found });
    }
  }

  close(): void {
    this.#plain.close();
  }
}
