import type { Comparison } from '../comparison.js';
import { secondLook } from '../second-look.js';
import { formatBytes } from '../support/format.js';
import { BY_LENGTH, type ConstructionName } from './constructions.js';
import type { Measured } from './measure.js';
import { isInstalled, WITHOUT_STDLIB } from './peers.js';
import { SCOPES_IN_WORDS, type Shape } from './shape.js';
import { LARGE } from './sizes.js';
import { AGAIN, PEERS, type Peer, RELEASES } from './variant.js';

const CLEARED =
  'the pools promise no zeroes as `new` does: @thi.ng/malloc clears by callocAs, @stdlib by calloc, ' +
  'typedarray-pool by fill';
const NO_PEERS = `the pools are left out from ${formatBytes(LARGE)} up: each would keep that much`;

/** The peers that are measured with an array of so many bytes. They only stand for `new` by length. */
export function peersFor(construction: ConstructionName, { bytes, larger }: Shape): Peer[] {
  return construction === BY_LENGTH && !larger && bytes < LARGE ? PEERS.filter(isInstalled) : [];
}

export function comparisonOf({ missed, ...measured }: Measured): Comparison {
  const again = comparisonOfRounds(measured);
  if (missed === undefined) return again;
  return secondLook(comparisonOfRounds({ ...measured, rounds: missed }), again);
}

function comparisonOfRounds(measured: Measured): Comparison {
  const { construction, bytes, larger, arraysPerScope, workload, rounds } = measured;
  const remark = remarkOn(measured);
  return {
    section: 'allocation',
    group: larger
      ? `${construction}, ${workload}, in scopes that take 4 and 16 MB`
      : `${construction}, ${workload}, in ${SCOPES_IN_WORDS}`,
    name: larger ? `${arraysPerScope} × ${formatBytes(bytes)}` : formatBytes(bytes),
    unit: 'ns',
    better: 'less',
    baseline: 'plain',
    ours: RELEASES,
    rivals: PEERS.filter((peer) => rounds[peer] !== undefined),
    ...(rounds[AGAIN] === undefined ? {} : { control: AGAIN }),
    rounds: rounds as Comparison['rounds'],
    ...(remark === undefined ? {} : { remark }),
  };
}

function remarkOn({ construction, bytes, larger }: Measured): string | undefined {
  if (construction !== BY_LENGTH || larger) return undefined;
  if (bytes >= LARGE) return NO_PEERS;
  return PEERS.every(isInstalled) ? CLEARED : `${CLEARED}; ${WITHOUT_STDLIB}`;
}
