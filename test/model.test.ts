import { clearArenaPool, configure, stats } from 'arena-pirate';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { collectGarbage } from './support/memory.js';
import { ModelRun } from './support/model.js';
import { MAKERS, programs, type Step } from './support/programs.js';
import { expectNoScope } from './support/scopes.js';

const KIB = 1024;
const MIB = 1024 * KIB;

// More from the environment for a longer look.
const RUNS = Number(process.env.MODEL_RUNS ?? 300);

// What is on the stack or in flight may keep an array through a collection or two.
async function clear(): Promise<void> {
  for (let round = 0; round === 0 || (stats().thread.arenas > 0 && round < 5); round++) {
    await collectGarbage();
    clearArenaPool();
  }
}

afterEach(expectNoScope);

// Nothing is the rarest of random sizes.
const emptyOnes: [Step[]][] = (['collected', 'exit'] as const).map((kind) => [
  [
    {
      do: 'nest',
      kind,
      sync: true,
      minBytes: 1,
      throws: false,
      steps: (Object.keys(MAKERS) as (keyof typeof MAKERS)[]).map((how) => ({
        do: 'allocate',
        how,
        bytes: 0,
      })),
    },
  ],
]);

describe.each([
  [
    'slabs of 64 KiB, many to a program',
    { slabBytes: 64 * KIB, arenaBytes: 256 * KIB, collectBudget: 256 * KIB },
  ],
  [
    'slabs of 64 KiB, collecting at every chance',
    { slabBytes: 64 * KIB, arenaBytes: 64 * KIB, collectBudget: 0 },
  ],
  ['slabs of 2 MiB', { slabBytes: 2 * MIB, arenaBytes: 128 * MIB, collectBudget: 8 * MIB }],
])('a random program with %s', (_name, config) => {
  it('finds every array as it left it, after every step', async () => {
    await clear();
    configure(config);
    const runs = config.slabBytes > MIB ? Math.ceil(RUNS / 3) : RUNS;
    const property = fc.asyncProperty(programs(config.slabBytes), (program) =>
      new ModelRun().run(program),
    );
    await fc.assert(property, { numRuns: runs, examples: emptyOnes });
  });

  it('leaves nothing behind', async () => {
    await clear();
    expect(stats().thread).toMatchObject({
      arenas: 0,
      slabs: { free: 0, inUse: 0, waiting: 0 },
      bytes: { mapped: 0, handedOut: 0 },
    });
  });
});
