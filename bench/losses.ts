import { advantage, type Comparison } from './comparison.js';
import type { Spread } from './support/spread.js';

/** Something that is worse with the package than without it, or that comes closest to it. */
export interface Loss {
  readonly comparison: Comparison;
  readonly variant: string;
  /** How many times as good as the baseline. */
  readonly advantage: Spread;
  /** Whether a quarter of the rounds or more showed no loss where the others did. */
  readonly doubtful: boolean;
}

/** How many are told where nothing is lost: those that come closest. */
const CLOSEST = 5;

/** Where we lose, worst first; never empty as long as anything of ours was measured. */
export function lossesOf(comparisons: readonly Comparison[]): Loss[] {
  const all = comparisons
    .flatMap((comparison) =>
      comparison.ours
        .filter((variant) => variant !== comparison.baseline)
        .map((variant): Loss => {
          const spread = advantage(comparison, variant);
          return {
            comparison,
            variant,
            advantage: spread,
            doubtful: spread.median < 1 && spread.high >= 1,
          };
        }),
    )
    .sort((a, b) => a.advantage.median - b.advantage.median);
  const lost = all.filter(({ advantage: { median } }) => median < 1);
  return lost.length > 0 ? lost : all.slice(0, CLOSEST);
}
