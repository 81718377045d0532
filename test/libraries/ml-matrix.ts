import { numbers, outlines } from './inputs.js';
import { failureOf, type Library } from './library.js';

type MlMatrix = typeof import('ml-matrix');
type AnyMatrix = InstanceType<MlMatrix['AbstractMatrix']>;

const table = [...numbers.values()];

function described(matrix: AnyMatrix): unknown[] {
  const rows = Array.from({ length: matrix.rows }, (_, row) =>
    Float64Array.from(matrix.getRow(row)),
  );
  return [matrix.rows, matrix.columns, ...rows];
}

// The rows themselves, as the library allocates them.
function rawRows(matrix: AnyMatrix): unknown {
  return (matrix as unknown as { data: Float64Array[] }).data;
}

/** Columns of the table of countries, those that have any spread, scaled. */
function features({ Matrix }: MlMatrix): InstanceType<MlMatrix['Matrix']> {
  const columns = table.filter((column) => new Set(column).size > 5);
  return new Matrix(columns).transpose().center('column').scale('column');
}

export const mlMatrix: Library<MlMatrix> = {
  name: 'ml-matrix',
  load: () => require('ml-matrix') as MlMatrix,
  uses: {
    'decomposes a table': (lib) => {
      const x = features(lib);
      const svd = new lib.SingularValueDecomposition(x, { autoTranspose: true });
      const covariance = x.transpose().mmul(x);
      const eigen = new lib.EigenvalueDecomposition(covariance);
      return [
        rawRows(x),
        svd.diagonal,
        rawRows(svd.leftSingularVectors),
        rawRows(svd.rightSingularVectors),
        eigen.realEigenvalues,
        rawRows(eigen.eigenvectorMatrix),
        rawRows(eigen.diagonalMatrix),
      ];
    },
    'solves equations': (lib) => {
      const x = features(lib);
      const y = lib.Matrix.columnVector(numbers.get('POP_RANK') as number[]);
      const square = x.transpose().mmul(x).add(lib.Matrix.eye(x.columns, x.columns));
      const lu = new lib.LuDecomposition(square);
      const qr = new lib.QrDecomposition(x);
      const cholesky = new lib.CholeskyDecomposition(square);
      return [
        described(lib.solve(x, y, true)),
        rawRows(lu.lowerTriangularMatrix),
        rawRows(lu.upperTriangularMatrix),
        lu.determinant,
        rawRows(qr.orthogonalMatrix),
        rawRows(qr.upperTriangularMatrix),
        rawRows(cholesky.lowerTriangularMatrix),
        described(lib.inverse(square)),
        described(lib.pseudoInverse(x.subMatrix(0, 30, 0, 5))),
      ];
    },
    'calculates with shapes': ({ Matrix }) => {
      const points = new Matrix(outlines[3] as unknown as number[][]);
      const turn = new Matrix([
        [Math.cos(1), -Math.sin(1)],
        [Math.sin(1), Math.cos(1)],
      ]);
      const turned = points.mmul(turn);
      return [
        rawRows(turned),
        turned.min(),
        turned.max('column'),
        turned.mean('row'),
        turned.variance('column'),
        rawRows(turned.clone().sub(points).abs().sqrt().round()),
        rawRows(turn.kroneckerProduct(turn).mpow(5)),
        rawRows(turn.strassen2x2(turn)),
        described(points.subMatrixRow([3, 1, 2]).selection([0, 1], [1, 0])),
        points.toJSON().length,
        rawRows(points.addColumn(0, points.getColumn(1)).removeRow(2).sortRows()),
      ];
    },
    'looks through views': (lib) => {
      const x = features(lib);
      const view = new lib.MatrixSubView(new lib.MatrixTransposeView(x), 1, 9, 2, 40);
      view.mul(2);
      return [described(view), rawRows(x), described(lib.wrap(x.to1DArray(), { rows: x.columns }))];
    },
    'goes on after equations without an answer': (lib) => {
      const { Matrix } = lib;
      const singular = Matrix.ones(20, 20);
      return [
        failureOf(() => lib.inverse(singular)),
        failureOf(() => Matrix.ones(2, 3).add(Matrix.ones(3, 2))),
        failureOf(() => new lib.LuDecomposition(Matrix.ones(2, 3)).determinant),
        failureOf(() => new Matrix([[1], [1, 2]])),
        failureOf(() => new lib.CholeskyDecomposition(features(lib))),
        described(lib.inverse(singular, true)),
      ];
    },
  },
};
