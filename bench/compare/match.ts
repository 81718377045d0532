import type { Comparison } from '../comparison.js';
import type { Results, Run } from '../results.js';

/** Two runs of the same version of Node, or of the only one that each file has. */
export interface RunPair {
  readonly before: Run;
  readonly after: Run;
}

/** What two runs have in common, and how much they do not. */
export interface Matched {
  readonly pairs: readonly (readonly [Comparison, Comparison])[];
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  /** Rows of the same name that measure something else now. */
  readonly different: readonly Comparison[];
}

/** Pairs runs by their major version of Node. */
export function matchRuns(before: Results, after: Results): RunPair[] {
  const [was, is] = [before.runs, after.runs];
  if (was.length === 1 && is.length === 1) return [{ before: was[0] as Run, after: is[0] as Run }];
  return is.flatMap((run) => {
    const same = was.find((other) => majorOf(other) === majorOf(run));
    return same === undefined ? [] : [{ before: same, after: run }];
  });
}

/** Pairs comparisons by section, group and name. */
export function matchComparisons({ before, after }: RunPair): Matched {
  const old = new Map(before.comparisons.map((comparison) => [keyOf(comparison), comparison]));
  const common = after.comparisons.flatMap((comparison) => {
    const same = old.get(keyOf(comparison));
    return same === undefined ? [] : [[same, comparison] as const];
  });
  return {
    pairs: common.filter(([a, b]) => measureTheSame(a, b)),
    onlyBefore: before.comparisons.length - common.length,
    onlyAfter: after.comparisons.length - common.length,
    different: common.filter(([a, b]) => !measureTheSame(a, b)).map(([, b]) => b),
  };
}

/** `22` */
export function majorOf({ machine }: Run): string {
  return machine.node.replace(/^v?(\d+).*/, '$1');
}

function keyOf({ section, group, name }: Comparison): string {
  return JSON.stringify([section, group, name]);
}

function measureTheSame(a: Comparison, b: Comparison): boolean {
  return (
    a.unit === b.unit && a.better === b.better && a.baseline === b.baseline && a.sha256 === b.sha256
  );
}
