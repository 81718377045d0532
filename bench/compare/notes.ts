import { isBusy, type Machine } from '../machine.js';
import type { Run } from '../results.js';
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
