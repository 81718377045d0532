import { readElevationMap, tiles } from '../elevation.js';
import type { Job, Pipeline } from '../pipeline.js';

const TILE = 64;
const PATCH = 8;
const RANK = 8;
const DEGREE = 4;

/** Linear algebra on the ground of the Earth: what a picture compressor and a map maker do with it. */
export const mlMatrix: Pipeline = {
  library: 'ml-matrix',
  input: 'terrain: SVD, solve, multiply',
  async prepare() {
    const { Matrix, SingularValueDecomposition, solve } = await import('ml-matrix');
    const map = await readElevationMap();
    const mountains = tiles(map, TILE, 180);
    const slopes = tiles(map, PATCH, 20);
    const patches = slopes.map((patch) => patch.flat());
    const terms = surfaceTerms(TILE);
    const flattened = (matrix: InstanceType<typeof Matrix>): Float64Array =>
      Float64Array.from(matrix.to1DArray());

    /** The tile rebuilt from its strongest features. */
    const approximate =
      (tile: number[][]): Job =>
      () => {
        const svd = new SingularValueDecomposition(new Matrix(tile), { autoTranspose: true });
        const last = RANK - 1;
        const left = svd.leftSingularVectors.subMatrix(0, TILE - 1, 0, last);
        const right = svd.rightSingularVectors.subMatrix(0, TILE - 1, 0, last);
        const scaled = left.mulRowVector(svd.diagonal.slice(0, RANK));
        return [flattened(scaled.mmul(right.transpose()))];
      };

    /** The smooth surface that lies closest to the tile. */
    const smooth =
      (tile: number[][]): Job =>
      () => {
        const heights = Matrix.columnVector(tile.flat());
        return [flattened(solve(new Matrix(terms), heights))];
      };

    /** How the heights in a patch of ground go together. */
    const covariance: Job = () => {
      const all = new Matrix(patches).center('column');
      return [flattened(all.transpose().mmul(all))];
    };

    return [...mountains.map(approximate), ...mountains.map(smooth), covariance];
  },
};

/** A row for each point of a tile: the products of powers of its coordinates. */
function surfaceTerms(size: number): number[][] {
  const rows: number[][] = [];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) rows.push(powers((2 * x) / size - 1, (2 * y) / size - 1));
  }
  return rows;
}

function powers(x: number, y: number): number[] {
  const row: number[] = [];
  for (let i = 0; i <= DEGREE; i++) {
    for (let j = 0; i + j <= DEGREE; j++) row.push(x ** i * y ** j);
  }
  return row;
}
