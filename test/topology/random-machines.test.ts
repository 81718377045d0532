import { readTopology } from 'arena-pirate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dialect, filesOf, topologyOf, withFiles } from '../support/machines.js';
import { machines } from '../support/random-machines.js';

// More from the environment for a longer look.
const RUNS = Number(process.env.MODEL_RUNS ?? 10);

describe.each<Dialect>(['masks only, no lists of cpus', 'lists only', 'both'])(
  'a kernel that writes %s',
  (dialect) => {
    it('has any machine read as it is', () => {
      const property = fc.property(machines, (machine) => {
        const read = withFiles(filesOf(machine, dialect), (root) => readTopology({ root }));
        expect(read).toEqual(topologyOf(machine, dialect));
      });
      fc.assert(property, { numRuns: RUNS });
    });
  },
);
