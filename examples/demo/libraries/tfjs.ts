import type * as Tf from '@tensorflow/tfjs-core';
import { readElevationMap, tiles } from '../elevation.js';
import type { Job, Pipeline } from '../pipeline.js';

const TILE = 64;
const CLASSES = 5;
const PATCH = 8;
const STEPS = 20;

/** What a small convolutional network and a linear model make of the ground of the Earth. */
export const tfjs: Pipeline = {
  library: '@tensorflow/tfjs-core',
  input: 'terrain: a network, learning',
  async prepare() {
    const tf = await import('@tensorflow/tfjs-core');
    // Otherwise its first use advertises another backend on standard error.
    tf.env().set('IS_TEST', true);
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    const map = await readElevationMap();
    const mountains = tiles(map, TILE, 180);
    const patches = tiles(map, PATCH, 60);
    const classify = network(tf);
    const classifyTile =
      (tile: number[][]): Job =>
      () => {
        const scores = tf.tidy(() => classify(tile));
        return taken(scores);
      };
    const learn: Job = () => taken(learned(tf, patches));
    return [...mountains.map(classifyTile), learn];
  },
};

/** The tensor's values; the tensor is gone. */
function taken(tensor: Tf.Tensor): NodeJS.ArrayBufferView[] {
  const values = tensor.dataSync();
  tensor.dispose();
  return [values];
}

/** Weights live as long as the network does, which is longer than any scope. */
function network(tf: typeof Tf): (tile: number[][]) => Tf.Tensor {
  const first = weights<Tf.Rank.R4>(tf, [3, 3, 1, 8]);
  const depthwise = weights<Tf.Rank.R4>(tf, [3, 3, 8, 1]);
  const pointwise = weights<Tf.Rank.R4>(tf, [1, 1, 8, 16]);
  const dense = weights<Tf.Rank.R2>(tf, [(TILE / 4) ** 2 * 16, CLASSES]);
  return (tile) => {
    const picture = tf.div(tf.tensor4d([tile.map((row) => row.map((x) => [x]))]), 255);
    const edges = tf.relu(tf.conv2d(picture as Tf.Tensor4D, first, 1, 'same'));
    const half = tf.maxPool(edges, 2, 2, 'valid');
    const filtered = tf.relu(tf.depthwiseConv2d(half, depthwise, 1, 'same'));
    const mixed = tf.relu(tf.conv2d(filtered, pointwise, 1, 'same'));
    const quarter = tf.maxPool(mixed, 2, 2, 'valid');
    return tf.softmax(tf.matMul(tf.reshape(quarter, [1, -1]), dense));
  };
}

/** Numbers that look random and are the same in each process. */
function weights<Rank extends Tf.Rank>(tf: typeof Tf, shape: Tf.ShapeMap[Rank]): Tf.Tensor<Rank> {
  const length = shape.reduce((product: number, n: number) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length }, (_, i) => Math.sin(i + 1) / 3),
    shape,
  );
}

/** How the middle of a patch follows from the heights around it: gradient descent on all patches. */
function learned(tf: typeof Tf, patches: readonly number[][][]): Tf.Tensor {
  return tf.tidy(() => {
    const rows = patches.map((patch) => patch.flat());
    const all = tf.div(tf.tensor2d(rows), 255) as Tf.Tensor2D;
    const middle = (PATCH * PATCH) / 2 + PATCH / 2;
    const y = tf.slice(all, [0, middle], [-1, 1]);
    const x = tf.concat(
      [tf.slice(all, [0, 0], [-1, middle]), tf.slice(all, [0, middle + 1], [-1, -1])],
      1,
    ) as Tf.Tensor2D;
    let found = tf.zeros([PATCH * PATCH - 1, 1]) as Tf.Tensor2D;
    for (let step = 0; step < STEPS; step++) {
      found = tf.tidy(() => {
        const errors = tf.sub(tf.matMul(x, found), y);
        const slope = tf.div(tf.matMul(x, errors as Tf.Tensor2D, true), rows.length);
        return tf.sub(found, tf.mul(slope, 0.02)) as Tf.Tensor2D;
      });
    }
    return found;
  });
}
