import { isBusy, type Machine } from '../machine.js';
import { gapsIn, type Results, type Run } from '../results.js';
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

/** What is to be known before any change: which profile has rounds enough to tell most, and which versions are missing. */
export function notesOnFiles(
  changes: readonly Change[],
  before: Results,
  after: Results,
): string[] {
  const few = changes.filter(({ verdict }) => verdict === 'too few rounds');
  const mostly = few.length > changes.length / 2;
  return [
    ...(mostly ? [tooFewIn('first', before), tooFewIn('second', after)] : []),
    missingIn('first', before),
    missingIn('second', after),
  ].filter((note) => note !== undefined);
}

function missingIn(which: string, { missing = [] }: Results): string | undefined {
  if (missing.length === 0) return undefined;
  return `The ${which} file is not whole: Node ${missing.join(', ')} gave nothing.`;
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
    ...gapNotes('first', before),
    ...gapNotes('second', after),
    ...packagesOf(before, after),
    busyNote('first', before),
    busyNote('second', after),
  ].filter((note) => note !== undefined);
}

function gapNotes(which: string, run: Run): string[] {
  return gapsIn(run).map((gap) => `the ${which} run is not whole: ${gap}`);
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
