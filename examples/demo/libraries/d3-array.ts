import type { Position } from 'geojson';
import { countryOutlines } from '../coastlines.js';
import { readElevationMap, tiles } from '../elevation.js';
import type { Job, Pipeline } from '../pipeline.js';

const TILE = 64;
const RADIUS = 2;
const PARTS = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Statistics of the outline of each country, and blurred, ranked and binned heights of mountains. */
export const d3Array: Pipeline = {
  library: 'd3-array',
  input: '241 countries, terrain: statistics',
  async prepare() {
    const { bin, blur2, deviation, fcumsum, fsum, median, quantile, rank } = await import(
      'd3-array'
    );
    const map = await readElevationMap();
    const mountains = tiles(map, TILE, 180);

    const describe =
      (outline: readonly Position[]): Job =>
      () => {
        const heights = outline.map(([, y]) => y as number);
        const lengths = outline.slice(1).map((point, i) => distance(point, outline[i] as Position));
        const figures = [
          fsum(lengths),
          median(lengths) ?? 0,
          deviation(lengths) ?? 0,
          ...PARTS.map((part) => quantile(heights, part) ?? 0),
        ];
        return [Float64Array.from(figures), fcumsum(lengths), rank(heights)];
      };

    const smooth =
      (tile: readonly number[][]): Job =>
      () => {
        const data = Float64Array.from(tile.flat());
        // It blurs in place.
        blur2({ data, width: TILE, height: TILE }, RADIUS);
        const bins = bin().thresholds(16)(data);
        const counts = Float64Array.from(bins, ({ length }) => length);
        const levels = Float64Array.from(PARTS, (part) => quantile(data, part) ?? 0);
        return [data, counts, levels, rank(data)];
      };

    return [...countryOutlines().map(describe), ...mountains.map(smooth)];
  },
};

/** In degrees, as on a flat map. */
function distance(a: Position, b: Position): number {
  return Math.hypot((a[0] as number) - (b[0] as number), (a[1] as number) - (b[1] as number));
}
