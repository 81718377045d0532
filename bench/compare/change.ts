import { permutationTest } from 'simple-statistics';
import { randomNumbers } from '../../examples/support/random.js';
import { advantages, type Comparison, variantsOf } from '../comparison.js';
import { type Spread, spreadOfRatios } from '../support/spread.js';

/** `'too few rounds'`: not even rounds that all differ the same way would have shown a change. */
export type Verdict = 'better' | 'worse' | 'unchanged' | 'too few rounds';

/** What became of one variant of a comparison between two runs. */
export interface Change {
  readonly comparison: Comparison;
  readonly variant: string;
  /** Whether the variant is this package's. Otherwise nothing that is done here can have changed it. */
  readonly ours: boolean;
  /** Whether the figures themselves are compared, for want of a baseline: the speed of the machine is in them. */
  readonly absolute: boolean;
  /** Times as good as the baseline; without one, the inverse of what is better when less. */
  readonly before: Spread;
  readonly after: Spread;
  /** Times as good as before. */
  readonly factor: number;
  readonly verdict: Verdict;
}

/** How likely chance alone may be to give rounds as different as those of a change. */
export const SIGNIFICANCE = 0.01;

const PERMUTATIONS = 10_000;

/**
 * Compares the paired ratios of two runs, or the figures where a row stands alone.
 *
 * @param least - the change that matters: 0.05 for 5%
 */
export function changesOf(before: Comparison, after: Comparison, least: number): Change[] {
  const variants = variantsOf(after).filter((variant) => before.rounds[variant] !== undefined);
  const alone = variants.length === 1 && variants[0] === after.baseline;
  return variants
    .filter((variant) => alone || variant !== after.baseline)
    .map((variant) => {
      const valuesOf = (comparison: Comparison) =>
        alone ? goodness(comparison, variant) : advantages(comparison, variant);
      const [old, current] = [valuesOf(before), valuesOf(after)];
      const [was, is] = [spreadOfRatios(old), spreadOfRatios(current)];
      const factor = was.median === is.median ? 1 : is.median / was.median;
      return {
        comparison: after,
        variant,
        // A row that stands alone is something that only this package does.
        ours: alone || after.ours.includes(variant),
        absolute: alone,
        before: was,
        after: is,
        factor,
        verdict: judge(old, current, factor, least),
      };
    });
}

function judge(
  before: readonly number[],
  after: readonly number[],
  factor: number,
  least: number,
): Verdict {
  if (!canTell(before.length, after.length)) return 'too few rounds';
  if (Math.abs(Math.log(factor)) < Math.log(1 + least)) return 'unchanged';
  if (chanceOf(before, after) > SIGNIFICANCE) return 'unchanged';
  return factor > 1 ? 'better' : 'worse';
}

/** Whether so many rounds in one run and in the other can show a change at all. */
export function canTell(before: number, after: number): boolean {
  return leastChance(before, after) <= SIGNIFICANCE;
}

/** What a rank test gives at best: both ways of all values of one run above all of the other. */
function leastChance(a: number, b: number): number {
  let arrangements = 1;
  for (let i = 1; i <= a; i++) arrangements = (arrangements * (b + i)) / i;
  return 2 / arrangements;
}

/** Two-sided rank-sum test: by permutations, for rounds are few, and of ranks, for a round may be far off. */
function chanceOf(before: readonly number[], after: readonly number[]): number {
  const ranks = ranksOf([...before, ...after]);
  return permutationTest(
    ranks.slice(0, before.length),
    ranks.slice(before.length),
    'two_side',
    PERMUTATIONS,
    randomNumbers(1),
  );
}

/** From 1; equal values share the middle of theirs. */
function ranksOf(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

function goodness({ rounds, better }: Comparison, variant: string): number[] {
  const values = rounds[variant] ?? [];
  return better === 'more' ? [...values] : values.map((value) => 1 / value);
}
