/**
 * The parameter-search example of the original: tries every combination on a grid, and each trial works on whole
 * arrays as numerical code does, so that it leaves three temporaries behind.
 */
import { mapArena } from 'arena-pirate';
import {
  handKeptSquaredError,
  type Observations,
  type Parameters,
  squaredError,
} from './squared-error.js';
import { exampleWorkload } from './support/example-workload.js';
import { randomNumbers } from './support/random.js';
import { runAlone } from './support/run-alone.js';
import { arenaOptions } from './support/variant.js';
import type { Workload } from './support/workload.js';

/** A combination and how well it fits. */
export interface Fit extends Parameters {
  /** Sum of squared residuals. */
  readonly error: number;
}

/** All trials with memory from plain Node. */
export function search(observations: Observations, grid: readonly Parameters[]): Fit {
  return best(
    grid,
    grid.map((parameters) => squaredError(observations, parameters)),
  );
}

/** The same trials, each in an arena scope of its own. */
export function searchInArenas(
  observations: Observations,
  grid: readonly Parameters[],
  release: 'collected' | 'exit',
): Fit {
  return best(
    grid,
    mapArena(grid, (parameters) => squaredError(observations, parameters), arenaOptions[release]),
  );
}

/** The same trials with three buffers kept by hand. */
export function handKeptSearch(observations: Observations, grid: readonly Parameters[]): () => Fit {
  const errorOf = handKeptSquaredError(observations.x.length);
  return () =>
    best(
      grid,
      grid.map((parameters) => errorOf(observations, parameters)),
    );
}

/** `points` measurements of a wave that is not on the grid, with noise. */
export function observe(points: number): Observations {
  const noise = randomNumbers(1);
  const x = Float64Array.from({ length: points }, (_, i) => (20 * i) / points);
  const y = x.map((value) => 2.1 * Math.sin(1.3 * value) + 0.4 + (noise() - 0.5));
  return { x, y };
}

/** `steps`³ combinations. */
export function parameterGrid(steps: number): Parameters[] {
  const along = (from: number, to: number): number[] =>
    Array.from({ length: steps }, (_, i) => from + ((to - from) * i) / Math.max(1, steps - 1));
  return along(0, 4).flatMap((a) =>
    along(0.5, 2).flatMap((b) => along(-1, 1).map((c) => ({ a, b, c }))),
  );
}

/** The first of those that fit best. */
export function best(grid: readonly Parameters[], errors: readonly number[]): Fit {
  let winner = 0;
  errors.forEach((error, i) => {
    if (error < (errors[winner] as number)) winner = i;
  });
  return { ...(grid[winner] as Parameters), error: errors[winner] as number };
}

/** All that there is to a fit. */
export function fitNumbers({ a, b, c, error }: Fit): Float64Array {
  return Float64Array.of(a, b, c, error);
}

/** The example as one workload of the demo. */
export function paramSearchWorkload(steps: number, points: number): Workload {
  const observations = observe(points);
  const grid = parameterGrid(steps);
  const handKept = handKeptSearch(observations, grid);
  return exampleWorkload({
    name: 'param-search',
    input: `${steps}³ trials on ${points.toLocaleString('en')} points`,
    plain: () => fitNumbers(search(observations, grid)),
    inArenas: (release) => fitNumbers(searchInArenas(observations, grid, release)),
    handKept: () => fitNumbers(handKept()),
  });
}

if (require.main === module) {
  runAlone({
    about:
      'Fits a wave by trying a grid of parameters, plain, in arenas and with buffers kept by hand.',
    numbers: {
      steps: { about: 'values of each of the three parameters, 30 in the original', value: 10 },
      points: { about: 'data points', value: 100_000 },
      rounds: { about: 'rounds', value: 3 },
    },
    workload: ({ steps, points }) => paramSearchWorkload(steps, points),
    warmUp: paramSearchWorkload(4, 10_000),
  });
}
