/** A median and the quartiles around it. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** @throws RangeError without any value */
export function spreadOf(values: readonly number[]): Spread {
  return quartilesOf(values, between);
}

/**
 * {@link spreadOf} ratios, of 0 or more. Between two of them lies their geometric mean: that of the reciprocals is then the
 * reciprocal, and it does not matter which way round one divides.
 */
export function spreadOfRatios(ratios: readonly number[]): Spread {
  return quartilesOf(ratios, betweenRatios);
}

/** What lies so far from the lower of two values to the upper one. */
type Between = (below: number, above: number, part: number) => number;

const between: Between = (below, above, part) => below + (above - below) * part;

// Of nothing and infinitely much, as ratios of counts can be, neither is nearer.
const betweenRatios: Between = (below, above, part) =>
  below === 0 && above === Number.POSITIVE_INFINITY ? 1 : below ** (1 - part) * above ** part;

function quartilesOf(values: readonly number[], mean: Between): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    low: quantile(sorted, 0.25, mean),
    median: quantile(sorted, 0.5, mean),
    high: quantile(sorted, 0.75, mean),
  };
}

/** @param map - leaves the order as it is */
export function mapSpread({ low, median, high }: Spread, map: (figure: number) => number): Spread {
  return { low: map(low), median: map(median), high: map(high) };
}

/** The spread of the reciprocals. */
export function inverse({ low, median, high }: Spread): Spread {
  return { low: 1 / high, median: 1 / median, high: 1 / low };
}

/** `a[i] / b[i]` of measurements taken next to each other; 1 where both are 0, as counts can be. */
export function pairedRatios(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => (value === b[i] ? 1 : value / (b[i] as number)));
}

/** @param sorted - ascending @throws RangeError without any value */
export function quantile(sorted: readonly number[], fraction: number, mean = between): number {
  const at = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined)
    throw new RangeError('Expected at least one value');
  const part = at - Math.floor(at);
  // Infinity less infinity is no number.
  return part === 0 || below === above ? below : mean(below, above, part);
}
