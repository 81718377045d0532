import { countryOutlines } from '../coastlines.js';
import { readElevationMap, tiles } from '../elevation.js';
import type { Pipeline } from '../pipeline.js';

const TILE = 64;
const CLUSTERS = 4;

/**
 * Describes mountains and finds the line through the outline of each country. It works on ordinary arrays, as its
 * types ask for: what is typed here is little, and arenas have little to save.
 */
export const simpleStatistics: Pipeline = {
  library: 'simple-statistics',
  input: '241 countries, terrain: statistics',
  async prepare() {
    const {
      ckmeans,
      interquartileRange,
      linearRegression,
      mean,
      medianAbsoluteDeviation,
      sampleCorrelation,
      sampleSkewness,
      standardDeviation,
      zScore,
    } = await import('simple-statistics');
    const map = await readElevationMap();
    const mountains = tiles(map, TILE, 180);

    const describe = (tile: readonly number[][]) => () => {
      const heights = tile.flat();
      const average = mean(heights);
      const spread = standardDeviation(heights);
      const figures = [
        spread,
        interquartileRange(heights),
        medianAbsoluteDeviation(heights),
        sampleSkewness(heights),
      ];
      const groups = ckmeans(heights.slice(0, 8 * TILE), CLUSTERS);
      return [
        Float64Array.from(figures),
        Float64Array.from(groups, (group) => group.length),
        Float64Array.from(heights, (height) => zScore(height, average, spread)),
      ];
    };

    const outline = (points: readonly (readonly number[])[]) => () => {
      const x = points.map((point) => point[0] as number);
      const y = points.map((point) => point[1] as number);
      const { m, b } = linearRegression(points as number[][]);
      return [Float64Array.of(m, b, sampleCorrelation(x, y))];
    };

    return [...mountains.map(describe), ...countryOutlines().map(outline)];
  },
};
