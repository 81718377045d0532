/** What ratios come to on average. @throws RangeError without any */
export function geometricMean(ratios: readonly number[]): number {
  if (ratios.length === 0) throw new RangeError('Expected at least one ratio');
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}
