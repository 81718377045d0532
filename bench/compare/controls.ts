import { groupBy } from '../support/group-by.js';
import { quantile, spreadOfRatios } from '../support/spread.js';
import type { Change } from './change.js';

/** Of the changes of controls, how many one of ours has to exceed. */
export const SHARE = 0.95;

/** Fewer do not tell what that many of them changed by. */
export const LEAST_CONTROLS = 20;

/** The changes of one run to another, those of this package and those that cannot be its doing. */
export interface Sides {
  readonly ours: readonly Change[];
  /** Of variants without arena-pirate: floors, rivals, processes that differ in nothing. */
  readonly controls: readonly Change[];
}

/** Without those that have too few rounds to tell. */
export function sidesOf(changes: readonly Change[]): Sides {
  const telling = changes.filter(({ verdict }) => verdict !== 'too few rounds');
  return {
    ours: telling.filter(({ ours }) => ours),
    controls: telling.filter(({ ours }) => !ours),
  };
}

/** Whether it is better or worse. */
export function hasChanged({ verdict }: Change): boolean {
  return verdict === 'better' || verdict === 'worse';
}

/** How large a change is, whichever way it goes. */
export function sizeOf({ factor }: Pick<Change, 'factor'>): number {
  return Math.abs(Math.log(factor));
}

/**
 * What counts against us. Rounds of one run share their processes, and processes differ: the test of {@link Change},
 * which takes rounds to be independent, is too certain, and finds 'changes' of variants that have nothing of this
 * package. So what is worse of ours counts only where chance as these show it does not explain it:
 *
 * - It is larger than what {@link SHARE} of the controls of the same two runs changed by.
 * - It is so against the controls of its own row as well, where it has any. They share its baseline: where that had
 *   luck with malloc, they got worse along with ours.
 *
 * Sections differ in noise, so each has its own controls; those that have fewer than {@link LEAST_CONTROLS} are taken
 * together, and with all others where that is not enough. Where there are fewer in all, everything that is worse counts.
 */
export function regressionsOf({ ours, controls }: Sides): Change[] {
  const boundFor = boundsOf(controls);
  const worse = ours.filter(({ verdict }) => verdict === 'worse');
  return worse.filter((change) => {
    const bound = boundFor(change.comparison.section);
    if (bound === undefined) return true;
    const ofRow = controls.filter(({ comparison }) => comparison === change.comparison);
    const usual = ofRow.length > 0 ? spreadOfRatios(ofRow.map(({ factor }) => factor)).median : 1;
    return Math.min(Math.log(1 / change.factor), Math.log(usual / change.factor)) > bound;
  });
}

/** @returns for a section, the {@link sizeOf} that a change has to exceed; undefined where controls are too few */
function boundsOf(controls: readonly Change[]): (section: string) => number | undefined {
  const bySection = groupBy(controls, ({ comparison: { section } }) => section);
  const enough = (some: readonly Change[]): boolean => some.length >= LEAST_CONTROLS;
  const together = [...bySection.values()].filter((some) => !enough(some)).flat();
  return (section) => {
    const those = [bySection.get(section) ?? [], together, controls].find(enough);
    const sizes = those?.map(sizeOf).sort((a, b) => a - b);
    return sizes && quantile(sizes, SHARE);
  };
}
