import { advantageOver, type Comparison } from '../comparison.js';
import { type Target, target } from '../section.js';
import { digits } from '../support/format.js';
import type { Spread } from '../support/spread.js';

/** Of hand-kept memory's speed. */
const LEAST_OF_HAND_KEPT = 0.87;

/** An example in the mode that does better; the claim states the other. */
export function againstHandKept(comparison: Comparison): Target {
  const [worse, better] = (['collected', 'exit'] as const)
    .map((variant) => [variant, advantageOver(comparison, variant, 'hand-kept')] as const)
    .sort(([, a], [, b]) => a.median - b.median) as [
    readonly [string, Spread],
    readonly [string, Spread],
  ];
  const claim =
    `'${better[0]}' against hand-kept memory, ${comparison.name} ` +
    `('${worse[0]}': ${digits(worse[1].median)}×)`;
  return target(claim, better[1], 'at least', LEAST_OF_HAND_KEPT, '×');
}
