import type { Position } from 'geojson';
import { coastPoints, countryOutlines } from '../coastlines.js';
import type { Pipeline } from '../pipeline.js';

/** Triangulates the outline of each country, and then all coasts of the world at once. */
export const delaunator: Pipeline = {
  library: 'delaunator',
  input: '241 countries, the world',
  async prepare() {
    const { default: Delaunator } = await import('delaunator');
    return [...countryOutlines(), coastPoints()].map((points) => () => {
      const { triangles, halfedges, hull } = Delaunator.from(points, longitude, latitude);
      return [triangles, halfedges, hull];
    });
  },
};

const longitude = (point: Position): number => point[0] as number;
const latitude = (point: Position): number => point[1] as number;
