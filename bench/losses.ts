import { advantage, advantageOver, type Comparison } from './comparison.js';
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
          return { comparison, variant, advantage: spread, doubtful: isDoubtful(spread) };
        }),
    )
    .sort((a, b) => a.advantage.median - b.advantage.median);
  const lost = all.filter(({ advantage: { median } }) => median < 1);
  return lost.length > 0 ? lost : all.slice(0, CLOSEST);
}

/** Something that programs could use instead of this package, and that is better than it. */
export interface Defeat {
  readonly comparison: Comparison;
  readonly rival: string;
  /** Which of ours comes closest to the rival: the others are worse still. */
  readonly variant: string;
  /** How many times as good as the rival that is. */
  readonly advantage: Spread;
  readonly doubtful: boolean;
}

export interface Rivalry {
  /** How many comparisons have a rival, and one of ours. */
  readonly contested: number;
  /** In how many of them a rival is better than all of ours. */
  readonly lost: number;
  /** Worst first: of a comparison, each rival that is better. */
  readonly defeats: readonly Defeat[];
}

/** Where rivals are better than the better of our variants. */
export function rivalryOf(comparisons: readonly Comparison[]): Rivalry {
  const contested = comparisons.filter(
    ({ ours, rivals = [] }) => ours.length > 0 && rivals.length > 0,
  );
  const defeats = contested
    .flatMap((comparison) => (comparison.rivals ?? []).map((rival) => against(comparison, rival)))
    .filter(({ advantage: { median } }) => median < 1)
    .sort((a, b) => a.advantage.median - b.advantage.median);
  return {
    contested: contested.length,
    lost: new Set(defeats.map(({ comparison }) => comparison)).size,
    defeats,
  };
}

function against(comparison: Comparison, rival: string): Defeat {
  const [best] = comparison.ours
    .map((variant) => ({ variant, advantage: advantageOver(comparison, variant, rival) }))
    .sort((a, b) => b.advantage.median - a.advantage.median) as [
    Pick<Defeat, 'variant' | 'advantage'>,
  ];
  return { comparison, rival, ...best, doubtful: isDoubtful(best.advantage) };
}

/** Whether a quarter of the rounds or more showed no loss where the others did. */
function isDoubtful({ median, high }: Spread): boolean {
  return median < 1 && high >= 1;
}
