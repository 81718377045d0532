import { type Spread, spreadOfRatios } from './spread.js';

/** What ratios come to on average. @throws RangeError without any */
export function geometricMean(ratios: readonly number[]): number {
  if (ratios.length === 0) throw new RangeError('Expected at least one ratio');
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

/**
 * What the medians of several rows come to on average, and the quartiles of what their rounds come to: the first
 * rounds of all rows together, then the next ones. Rows of fewer rounds give theirs more than once.
 *
 * @param rows - the ratios of each row, round by round
 * @throws RangeError without rows, and for a row without rounds
 */
export function geometricMeanSpread(rows: readonly (readonly number[])[]): Spread {
  const count = Math.max(...rows.map(({ length }) => length));
  const means = Array.from({ length: count }, (_, i) =>
    geometricMean(rows.map((row) => row[Math.floor((i * row.length) / count)] as number)),
  );
  const { low, high } = spreadOfRatios(means);
  return { low, median: geometricMean(rows.map((row) => spreadOfRatios(row).median)), high };
}
