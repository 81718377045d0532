/** One trial of the parameter-search example: nothing here knows of arenas. */

/** The model `a · sin(b · x) + c`. */
export interface Parameters {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface Observations {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** One trial: the sum of squared residuals. Every step makes a new array. */
export function squaredError({ x, y }: Observations, { a, b, c }: Parameters): number {
  const predicted = x.map((value) => a * Math.sin(b * value) + c);
  const residuals = predicted.map((value, i) => value - (y[i] as number));
  const squares = residuals.map((value) => value * value);
  return squares.reduce((sum, value) => sum + value, 0);
}

/** The same trial with three buffers kept by hand. */
export function handKeptSquaredError(
  points: number,
): (observations: Observations, parameters: Parameters) => number {
  const predicted = new Float64Array(points);
  const residuals = new Float64Array(points);
  const squares = new Float64Array(points);
  return ({ x, y }, { a, b, c }) => {
    x.forEach((value, i) => {
      predicted[i] = a * Math.sin(b * value) + c;
    });
    predicted.forEach((value, i) => {
      residuals[i] = value - (y[i] as number);
    });
    residuals.forEach((value, i) => {
      squares[i] = value * value;
    });
    return squares.reduce((sum, value) => sum + value, 0);
  };
}
