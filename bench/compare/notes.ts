import { isBusy, type Machine } from '../machine.js';
import type { Results, Run } from '../results.js';
import type { Profile } from '../settings.js';
import { type Change, canTell } from './change.js';
import type { RunPair } from './match.js';

const SAME: readonly (readonly [string, (machine: Machine) => string | undefined])[] = [
  ['processor', ({ cpu }) => cpu],
  ['cpus', ({ cores }) => `${cores}`],
  ['caches', ({ caches }) => caches.join(', ')],
  ['system', ({ kernel }) => kernel],
  ['huge pages', ({ transparentHugePages }) => transparentHugePages],
  ['malloc', ({ malloc }) => malloc],
  ['Node', ({ node }) => node],
];

const LARGER: Readonly<Record<Profile, string>> = {
  smoke: 'the standard profile has enough for most rows, --full for nearly all',
  quick: 'the standard profile has enough for most rows, --full for nearly all',
  standard: '--full has enough for nearly all',
  full: 'no profile has more',
};

/** Of each file because of which most changes cannot be told, and which profile could. */
export function tooFewRounds(
  changes: readonly Change[],
  before: Results,
  after: Results,
): string[] {
  const few = changes.filter(({ verdict }) => verdict === 'too few rounds');
  if (few.length <= changes.length / 2) return [];
  return [tooFewIn('first', before), tooFewIn('second', after)].filter(
    (note) => note !== undefined,
  );
}

function tooFewIn(which: string, { runs }: Results): string | undefined {
  const rows = runs.flatMap(({ comparisons }) => comparisons);
  const few = rows.filter(({ rounds, baseline }) => {
    const { length } = rounds[baseline] as readonly number[];
    return !canTell(length, length);
  });
  const [{ profile }] = runs as [Run];
  if (few.length <= rows.length / 2) return undefined;
  return (
    `The ${which} run is a ${profile} one, and ${few.length} of its ${rows.length} rows have too few rounds to tell ` +
    `a change: ${LARGER[profile]}.`
  );
}

/** What else differs between two runs, and may be what changed the figures. */
export function notesOn({ before, after }: RunPair): string[] {
  const machines = SAME.map(([what, of]) => noteOn(what, of(before.machine), of(after.machine)));
  return [
    ...machines,
    noteOn('profile', before.profile, after.profile),
    ...packagesOf(before, after),
    busyNote('first', before),
    busyNote('second', after),
  ].filter((note) => note !== undefined);
}

function packagesOf(before: Run, after: Run): (string | undefined)[] {
  const [was, is] = [before.machine.packages, after.machine.packages];
  return Object.keys({ ...was, ...is }).map((name) => noteOn(name, was[name], is[name]));
}

function noteOn(what: string, before = 'none', after = 'none'): string | undefined {
  return before === after ? undefined : `another ${what}: ${before}, then ${after}`;
}

function busyNote(which: string, { machine }: Run): string | undefined {
  return isBusy(machine) ? `other programs kept the machine busy in the ${which} run` : undefined;
}
