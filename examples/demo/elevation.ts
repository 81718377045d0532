import { packageFile } from './inputs.js';

/** A map of the Earth with the height of the ground as brightness. */
export interface ElevationMap {
  readonly width: number;
  readonly height: number;
  /** 0 to 255, row by row from the north pole. */
  readonly values: Float64Array;
}

export async function readElevationMap(): Promise<ElevationMap> {
  const { PNG } = await import('pngjs');
  const file = packageFile('three-globe', 'example', 'img', 'earth-topology.png');
  const { width, height, data } = PNG.sync.read(file);
  const values = new Float64Array(width * height);
  // pngjs gives RGBA whatever the file holds; of a grey picture, red is as good as any.
  for (let i = 0; i < values.length; i++) values[i] = data[4 * i] as number;
  return { width, height, values };
}

/**
 * Square tiles of the map as plain rows, left to right and top to bottom: those whose relief, the height from the lowest
 * to the highest point, is above `relief`. Most of the map is ocean, which has none.
 */
export function tiles(map: ElevationMap, size: number, relief: number): number[][][] {
  const all: number[][][] = [];
  for (let top = 0; top + size <= map.height; top += size) {
    for (let left = 0; left + size <= map.width; left += size) {
      const rows = Array.from({ length: size }, (_, y) => {
        const start = (top + y) * map.width + left;
        return map.values.subarray(start, start + size);
      });
      if (reliefOf(rows) > relief) all.push(rows.map((row) => [...row]));
    }
  }
  return all;
}

function reliefOf(rows: readonly Float64Array[]): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    for (let x = 0; x < row.length; x++) {
      const height = row[x] as number;
      if (height < low) low = height;
      if (height > high) high = height;
    }
  }
  return high - low;
}
