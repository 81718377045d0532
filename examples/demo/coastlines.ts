import type { MultiPolygon, Polygon, Position } from 'geojson';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { packageFile } from './inputs.js';

/** Longitude and latitude of every outline point, in degrees, a list for each country of the world. */
export function countryOutlines(): Position[][] {
  return outlines('countries-50m.json', 'countries');
}

/** The same of all coasts of the world, in one list. */
export function coastPoints(): Position[] {
  return outlines('land-50m.json', 'land').flat();
}

function outlines(file: string, object: string): Position[][] {
  const topology = JSON.parse(packageFile('world-atlas', file).toString()) as Topology;
  const shapes = topology.objects[object] as GeometryCollection;
  return feature(topology, shapes).features.map(({ geometry }) => {
    const { type, coordinates } = geometry as Polygon | MultiPolygon;
    return type === 'Polygon' ? coordinates.flat() : coordinates.flat(2);
  });
}
