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

interface Case {
  readonly program: Program;
  readonly minBytes: number;
  /** Whether it runs outside all scopes, and otherwise in both kinds. */
  readonly outside: boolean;
}

// In groups, as the two processes would wait for each other most of the time otherwise.
const GROUP = 32;

const cases: fc.Arbitrary<Case> = fc.record({
  program: programs,
  minBytes,
  outside: fc.nat(9).map((dice) => dice === 0),
});

function differenceOf(error: unknown): Difference {
  if (error instanceof DifferenceError) return error.difference;
  throw error;
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

  /** Arrays that came from arenas so far. */
  get captured(): number {
    return this.#worlds.captured;
  }

  /** Runs `runs` programs that follow from `seed`; of a difference, the least one that shows it. */
  async batch(seed: number, runs: number): Promise<BatchResult> {
    // By the seed, so that a batch is the same when it is run again.
    await this.#worlds.configure(seed);
    const property = fc.asyncProperty(cases, (each) => this.#compareAll([each]));
    const all = fc.sample(cases, { seed, numRuns: runs });
    for (let done = 0; done < runs; done += GROUP) {
      try {
        await this.#compareAll(all.slice(done, done + GROUP));
      } catch (error) {
        // The same programs again, one at a time and with shrinking.
        const { errorInstance } = await fc.check(property, { seed, numRuns: runs });
        return { programs: done, difference: differenceOf(errorInstance ?? error) };
      }
    }
    return { programs: runs, difference: undefined };
  }

  async #compareAll(group: readonly Case[]): Promise<void> {
    const sources = group.map((each) => ({
      ...each,
      source: sourceOf(each.program),
      async: each.program.async,
    }));
    const [expected, found] = await Promise.all([
      this.#plain.answers(sources.map(({ source, async }) => ({ source, async }))),
      this.#runAll(sources),
    ]);
    for (const [i, answers] of found.entries()) {
      for (const answer of answers) {
        if (answer.found === expected[i]) continue;
        throw new DifferenceError({ ...answer, plain: expected[i] as string });
      }
    }
  }

  async #runAll(sources: readonly (Case & { source: string; async: boolean })[]) {
    const answers: Omit<Difference, 'plain'>[][] = [];
    for (const { source, async, minBytes, outside } of sources) {
      const all: Surroundings[] = outside ? ['outside'] : ['collected', 'exit'];
      this.#worlds.soil();
      // Asynchronous ones run side by side.
      answers.push(
        await Promise.all(
          all.map(async (surroundings) => ({
            source,
            async,
            surroundings,
            minBytes,
            found: await answerInArenas(this.#worlds, source, async, surroundings, minBytes),
          })),
        ),
      );
    }
    return answers;
  }

  close(): void {
    this.#plain.close();
  }
}
