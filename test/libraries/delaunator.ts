import { coasts, outlines } from './inputs.js';
import { failureOf, type Library } from './library.js';

type Module = typeof import('delaunator');
type Triangulation = InstanceType<Module['default']>;

function described({ triangles, halfedges, hull, coords }: Triangulation): unknown[] {
  return [triangles, halfedges, hull, coords];
}

export const delaunator: Library<Module> = {
  name: 'delaunator',
  load: () => require('delaunator') as Module,
  uses: {
    'triangulates outlines': ({ default: Delaunator }) =>
      outlines.map((points) => described(Delaunator.from(points as unknown as [number, number][]))),
    'triangulates coasts': ({ default: Delaunator }) => {
      const points = coasts.slice(0, 8000);
      return described(
        Delaunator.from(
          points,
          ([x]) => x,
          ([, y]) => y,
        ),
      );
    },
    'follows points that move': ({ default: Delaunator }) => {
      const coordinates = Float64Array.from(coasts.slice(0, 1500).flat());
      const triangulation = new Delaunator(coordinates);
      const before = described(triangulation)
        .slice(0, 3)
        .map((array) => (array as Uint32Array).slice());
      for (let i = 0; i < coordinates.length; i += 5) coordinates[i] = -(coordinates[i] as number);
      triangulation.update();
      return [before, described(triangulation)];
    },
    'takes coordinates of any kind': ({ default: Delaunator }) => {
      const points = coasts.slice(0, 600).flat();
      const kinds = [
        points,
        Float32Array.from(points),
        Int16Array.from(points),
        Array.from(points, Math.round),
      ];
      return kinds.map((kind) => described(new Delaunator(kind)));
    },
    'goes on after points that make no triangles': ({ default: Delaunator }) => [
      failureOf(() => new Delaunator(['a', 'b'] as unknown as number[])),
      failureOf(() => Delaunator.from([undefined] as unknown as [number, number][])),
      described(Delaunator.from([])),
      described(Delaunator.from([[1, 1]])),
      described(Delaunator.from(Array.from({ length: 100 }, (_, i) => [i, 2 * i]))),
      described(Delaunator.from(Array.from({ length: 100 }, () => [3, 3]))),
    ],
  },
};
