import { describe, expect, it } from 'vitest';
import { geometricMeanSpread } from '../bench/support/geometric-mean.js';

describe('the geometric mean of several rows', () => {
  it('is that of their medians, with the quartiles of the means of their rounds', () => {
    const { low, median, high } = geometricMeanSpread([
      [1, 2, 4, 8, 16],
      [1, 2, 4, 8, 16],
    ]);
    expect(median).toBeCloseTo(4);
    expect(low).toBeCloseTo(2);
    expect(high).toBeCloseTo(8);
  });

  it('has the spread that is left when rows differ in opposite directions', () => {
    const { low, median, high } = geometricMeanSpread([
      [1, 2, 4],
      [4, 2, 1],
    ]);
    expect([low, median, high].map((figure) => Number(figure.toFixed(9)))).toEqual([2, 2, 2]);
  });

  it('takes rows of any number of rounds in, the last ones included', () => {
    // In pairs: 1 and 1, 1 and 4, 16 and 1, 16 and 4.
    const { low, median, high } = geometricMeanSpread([
      [1, 16],
      [1, 4, 1, 4],
    ]);
    expect(median).toBeCloseTo(Math.sqrt(8.5 * 2.5));
    expect(low).toBeCloseTo(1.75);
    expect(high).toBeCloseTo(5);
  });

  it('is none without rows, or with one that has no rounds', () => {
    expect(() => geometricMeanSpread([])).toThrow(RangeError);
    expect(() => geometricMeanSpread([[1], []])).toThrow(RangeError);
  });
});
