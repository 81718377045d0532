/** The middle one of some timings; of an even number, the upper one of the two in the middle. */
export function median(values: readonly number[]): number {
  const middle = [...values].sort((a, b) => a - b)[values.length >> 1];
  if (middle === undefined) throw new RangeError('Expected at least one value');
  return middle;
}
