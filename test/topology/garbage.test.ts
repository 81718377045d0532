import { ArenaError, readTopology, type Topology } from 'arena-pirate';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Files, filesOf, regularMachine, withFiles } from '../support/machines.js';

// More from the environment for a longer look.
const RUNS = Number(process.env.MODEL_RUNS ?? 30);

const shape = { sockets: 2, nodesPerSocket: 2, coresPerNode: 1, threads: 2, small: [0] };
const good = filesOf(regularMachine(shape), 'both');

const garbage = fc.oneof(
  fc.constantFrom('', '-1', '0', '1', '7', '0-7', '3-0', 'ff', '0x55', '00000000,000000aa', '\0'),
  fc.constantFrom('10 20', 'MemTotal: kB', '99999999999999999999', '0-99999999999', 'Node: 1'),
  fc.string(),
  fc.string({ unit: fc.constantFrom(...'0123456789,-afx:\n ') }),
);

const damaged: fc.Arbitrary<Files> = fc
  .array(fc.tuple(fc.constantFrom(...Object.keys(good)), fc.option(garbage)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) => {
    const files: Record<string, string> = { ...good };
    for (const [name, text] of changes) {
      if (text === null) delete files[name];
      else files[name] = text;
    }
    return files;
  });

/** Fails unless the parts of a topology fit together. */
function expectSound({ cpus, cores, sockets, numaNodes }: Topology): void {
  const online = cpus.filter((cpu) => cpu.online);
  expect(online.length).toBeGreaterThan(0);
  expect(online.some((cpu) => cpu.usable)).toBe(true);
  expect(cpus.every((cpu) => cpu.online || !cpu.usable)).toBe(true);
  for (const [key, groups] of [
    ['core', cores],
    ['socket', sockets],
    ['numaNode', numaNodes],
  ] as const) {
    expect(new Set(groups.map(({ id }) => id)).size).toBe(groups.length);
    const members = groups.flatMap(({ id, cpus }) => cpus.map((cpu) => `${cpu} in ${id}`));
    expect(members.sort()).toEqual(online.map((cpu) => `${cpu.id} in ${cpu[key]}`).sort());
  }
  for (const { cpus: ids } of cores) {
    const ranks = ids.map((id) => online.find((cpu) => cpu.id === id)?.rank);
    expect(ranks).toEqual(ids.map((_, rank) => rank));
  }
}

it('every online cpu has one core, one socket and one node, whatever the files say', () => {
  let refused = 0;
  const property = fc.property(damaged, (files) =>
    withFiles(files, (root) => {
      try {
        expectSound(readTopology({ root }));
      } catch (error) {
        // All cpus may have been taken offline.
        if (!(error instanceof ArenaError)) throw error;
        expect(error.code).toBe('ERR_ARENA_INVALID_OPTION');
        refused++;
      }
    }),
  );
  fc.assert(property, { numRuns: RUNS });
  expect(refused).toBeLessThan(RUNS / 4);
});
