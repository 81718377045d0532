import { type Target, target } from '../section.js';
import { digits } from '../support/format.js';
import { pairedRatios, type Spread, spreadOf } from '../support/spread.js';
import { APPS, type AppName } from './apps/all.js';
import { eachRound, latenciesOf, pooled } from './comparisons.js';
import type { MeasuredServer } from './measure.js';
import { OURS } from './messages.js';

type ByVariant = ReturnType<typeof eachRound>;
/** Times plain Node's figure. */
type Factor = (ours: readonly number[], plain: readonly number[]) => Spread;

/** What is promised of a server, each in the mode that does better. */
export function targetsOf(app: AppName, measured: MeasuredServer): Target[] {
  const best = (
    what: string,
    rounds: ByVariant,
    factor: Factor,
    bound: Target['bound'],
    limit: number,
  ): Target => {
    const [worse, better] = OURS.map(
      (variant) => [variant, factor(rounds[variant], rounds.plain)] as const,
    ).sort(([, a], [, b]) =>
      bound === 'at least' ? a.median - b.median : b.median - a.median,
    ) as [readonly [string, Spread], readonly [string, Spread]];
    const claim =
      `'${better[0]}' against plain Node, ${APPS[app].name}, ${what} ` +
      `('${worse[0]}': ${digits(worse[1].median)}×)`;
    const floor = factor(rounds.floor, rounds.plain).median;
    return target(claim, better[1], bound, limit, '×', floor);
  };
  const markCompacts = eachRound(measured, ({ fixedRate }) => fixedRate.markCompacts);
  const each = (of: Parameters<typeof eachRound>[1]): ByVariant => eachRound(measured, of);
  return [
    // Nothing can be less than none.
    ...(total(markCompacts.plain) === 0
      ? []
      : [
          best(
            `mark-compacts at the fixed rate, of which plain Node has ${total(markCompacts.plain)}`,
            markCompacts,
            totals,
            'at most',
            0.2,
          ),
        ]),
    best(
      'GC time at the fixed rate',
      each(({ fixedRate }) => fixedRate.gcTime),
      totals,
      'at most',
      0.5,
    ),
    best('p99.9 at the fixed rate', pooled(measured, latenciesOf, 0.999), medians, 'at most', 0.8),
    best(
      'requests a second flat out',
      each(({ throughput }) => throughput),
      medians,
      'at least',
      1.05,
    ),
    best(
      'resident memory at the fixed rate',
      each(({ fixedRate }) => fixedRate.resident),
      medians,
      'at most',
      1.15,
    ),
  ];
}

const medians: Factor = (ours, plain) => spreadOf(pairedRatios(ours, plain));

/** Some rounds have no collection at all: only their sum can be divided by. */
const totals: Factor = (ours, plain) => spreadOf([total(ours) / Math.max(1, total(plain))]);

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
