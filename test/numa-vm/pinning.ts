import type { PinOptions, PinStrategy } from 'arena-pirate';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Guest } from './support/on-machine.js';

/** A strategy, and the cpus that it gives the threads on a machine. */
export interface PinningCase {
  readonly name: string;
  readonly strategy: PinStrategy;
  readonly options?: PinOptions;
  readonly cpus: readonly number[];
}

/** Tests that threads run where each strategy has them, and helpers where they were. */
export function pinningTests(
  guest: Guest,
  { threads, allCpus }: { threads: number; allCpus: string },
  cases: readonly PinningCase[],
): void {
  const pinAsInEach = () =>
    guest.run(
      async (kit, threads, plans) => {
        const crew = await kit.startCrew(kit, threads - 1);
        const tids = crew.map(({ tid }) => tid);
        return plans.map(({ strategy, options }) => {
          const { placements, wrapped } = kit.pinThreads(strategy, options);
          const pinned = kit.affinities();
          kit.unpinThreads();
          const released = kit.affinities();
          return {
            wrapped,
            mapping: placements.map(({ thread, tid, cpu }) => [thread, tid, cpu]),
            tids,
            pinned: tids.map((tid) => pinned[tid]),
            released: tids.map((tid) => released[tid]),
            helpers: Object.keys(pinned).flatMap((tid) =>
              tids.includes(+tid) ? [] : pinned[+tid],
            ),
          };
        });
      },
      threads,
      cases.map(({ strategy, options }) => ({ strategy, options: options ?? {} })),
    );

  describe('has each thread on its cpu and says so, others where they were, with', () => {
    let results: Awaited<ReturnType<typeof pinAsInEach>>;
    beforeAll(async () => {
      results = await pinAsInEach();
    });

    it.each(cases.map((each, index) => ({ ...each, index })))('$name', ({ cpus, index }) => {
      const { pinned, mapping, tids, wrapped, helpers, released } = results[index] ?? {};
      expect(pinned).toEqual(cpus.map(String));
      expect(mapping).toEqual(cpus.map((cpu, thread) => [thread, tids?.[thread], cpu]));
      expect(wrapped).toBe(new Set(cpus).size < threads);
      expect(new Set(helpers)).toEqual(new Set([allCpus]));
      expect(new Set(released)).toEqual(new Set([allCpus]));
    });
  });
}
