import type * as Tf from '@tensorflow/tfjs-core';
import type {} from '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import { coasts, numbers, strings } from './inputs.js';
import { failureOf, type Library } from './library.js';

type Tfjs = typeof Tf;

const ROWS = 45;
const COLUMNS = 90;

/** How many points of coasts lie in each cell of a grid over the Earth. */
const density = Array.from({ length: ROWS * COLUMNS }, () => 0);
for (const [longitude, latitude] of coasts) {
  const row = Math.min(ROWS - 1, Math.floor(((90 - latitude) / 180) * ROWS));
  const column = Math.min(COLUMNS - 1, Math.floor(((longitude + 180) / 360) * COLUMNS));
  const cell = row * COLUMNS + column;
  density[cell] = (density[cell] as number) + 1;
}

const table = [...numbers.values()].filter((column) => new Set(column).size > 5);

function described(tensor: Tf.Tensor): unknown[] {
  return [tensor.shape, tensor.dtype, tensor.dataSync()];
}

function map(tf: Tfjs): Tf.Tensor4D {
  return tf.tensor4d(Float32Array.from(density), [1, ROWS, COLUMNS, 1]);
}

/** A filter of 3 × 3 for each of `count` channels. */
function filters(tf: Tfjs, channels: number, count: number): Tf.Tensor4D {
  const length = 9 * channels * count;
  const values = Float32Array.from({ length }, (_, i) => Math.sin(i + 1) / 3);
  return tf.tensor4d(values, [3, 3, channels, count]);
}

/** The table of countries, scaled to 0 to 1. */
function features(tf: Tfjs): Tf.Tensor2D {
  return tf.tidy(() => {
    const rows = tf.transpose(tf.tensor2d(table as number[][]));
    const low = tf.min(rows, 0);
    return tf.div(tf.sub(rows, low), tf.sub(tf.max(rows, 0), low)) as Tf.Tensor2D;
  });
}

/** The mean square of the errors of a linear model, and how it changes with the weights. */
function lossOf(tf: Tfjs, x: Tf.Tensor2D, y: Tf.Tensor2D, weights: Tf.Tensor2D): Tf.Scalar {
  const loss = tf.customGrad((given, save) => {
    const errors = tf.sub(tf.matMul(x, given as Tf.Tensor2D), y);
    (save as Tf.GradSaveFunc)([errors]);
    return {
      value: tf.mean(tf.square(errors)),
      gradFunc: (dy: Tf.Tensor, [saved]: Tf.Tensor[]) =>
        tf.mul(dy, tf.div(tf.matMul(x, saved as Tf.Tensor2D, true), x.shape[0] / 2)),
    };
  });
  return loss(weights) as Tf.Scalar;
}

/** How many tensors are left of what `fn` made, along with its result. */
function tidied(tf: Tfjs, fn: () => unknown): unknown[] {
  const before = tf.memory().numTensors;
  const result = tf.tidy(fn as () => Tf.TensorContainer);
  return [result, tf.memory().numTensors - before];
}

export const tfjs: Library<Tfjs> = {
  name: '@tensorflow/tfjs-core',
  load() {
    const tf = require('@tensorflow/tfjs-core') as Tfjs;
    require('@tensorflow/tfjs-backend-cpu');
    return tf;
  },
  uses: {
    'runs a convolutional network': (tf) =>
      tidied(tf, () => {
        const first = tf.relu(tf.conv2d(map(tf), filters(tf, 1, 4), 1, 'same'));
        const pooled = tf.maxPool(first, 2, 2, 'valid');
        const second = tf.depthwiseConv2d(pooled, filters(tf, 4, 1), 1, 'same');
        const { mean, variance } = tf.moments(second, [0, 1, 2]);
        const batch = tf.batchNorm(second, mean as Tf.Tensor1D, variance as Tf.Tensor1D);
        const dense = tf.matMul(tf.reshape(batch, [-1, 11]), tf.ones([11, 5]));
        const classes = tf.argMax(tf.logSoftmax(dense), 1);
        return [first, pooled, second, tf.softmax(dense), classes].map(described);
      }),
    learns: (tf) => {
      const weights = tf.variable(tf.zeros<Tf.Rank.R2>([table.length, 1]));
      const optimizer = tf.train.adam(0.05);
      try {
        return tidied(tf, () => {
          const x = features(tf);
          const y = tf.tensor2d(numbers.get('POP_RANK') as number[], [x.shape[0], 1]);
          const loss = () => lossOf(tf, x, y, weights as unknown as Tf.Tensor2D);
          const losses = Array.from({ length: 6 }, () =>
            optimizer.minimize(loss, true)?.dataSync(),
          );
          const { value, grads } = tf.variableGrads(loss, [weights]);
          return [
            losses,
            described(weights),
            described(value),
            Object.values(grads).map(described),
          ];
        });
      } finally {
        optimizer.dispose();
        weights.dispose();
      }
    },
    'reads results without blocking': async (tf) => {
      const x = features(tf);
      const [product, large] = tf.tidy(() => [tf.sqrt(tf.matMul(x, x, true)), tf.greater(x, 0.9)]);
      const where = await tf.whereAsync(large as Tf.Tensor);
      const few = await tf.setdiff1dAsync(tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([2, 4]));
      const results = [
        await product?.data(),
        await product?.array(),
        await where.data(),
        await few[0].data(),
      ];
      tf.dispose([x, product as Tf.Tensor, large as Tf.Tensor, where, ...few]);
      return results;
    },
    'slices, joins and sorts': (tf) =>
      tidied(tf, () => {
        const x = features(tf);
        const parts = tf.split(tf.slice(x, [0, 0], [40, 6]), 2, 1);
        return [
          ...parts,
          tf.concat([...parts].reverse(), 1),
          tf.transpose(tf.stack(parts), [2, 0, 1]),
          tf.gather(x, tf.tensor1d([3, 1, 170], 'int32')),
          tf.oneHot(tf.tensor1d([0, 3, 1], 'int32'), 40),
          tf.topk(x, 4).indices,
          tf.cumsum(x, 0),
          tf.unique(tf.tensor1d(numbers.get('MAPCOLOR7') as number[])).values,
          tf.cast(x, 'int32'),
          tf.greater(x, 0.5),
          tf.linalg.bandPart(tf.slice(x, [0, 0], [12, 5]), 1, 2),
        ].map(described);
      }),
    'transforms pictures and signals': (tf) =>
      tidied(tf, () => {
        const signal = tf.complex(
          Float32Array.from(density.slice(900, 1156)),
          new Float32Array(256),
        );
        const spectrum = tf.spectral.fft(signal);
        return [
          described(tf.image.resizeBilinear(map(tf), [20, 33])),
          described(tf.image.resizeNearestNeighbor(map(tf), [50, 17], true)),
          described(tf.image.flipLeftRight(map(tf))),
          described(tf.real(spectrum)),
          described(tf.imag(tf.spectral.ifft(spectrum))),
          described(
            tf.signal.stft(tf.tensor1d(density.slice(1500, 1900)), 64, 32) as Tf.Tensor,
          ).slice(0, 2),
        ];
      }),
    'saves and loads weights': async (tf) => {
      const x = features(tf);
      const names = tf.tensor1d(strings.get('NAME') as string[], 'string');
      const { data, specs } = await tf.io.encodeWeights({
        x,
        names,
        flags: tf.tensor1d([true, false]),
      });
      const loaded = tf.io.decodeWeights(data, specs);
      const answer = [
        data,
        specs,
        Object.entries(loaded).map(([name, t]) => [name, ...described(t)]),
      ];
      tf.dispose([x, names, loaded]);
      return answer;
    },
    'draws random numbers from a seed': (tf) =>
      tidied(tf, () =>
        [
          tf.randomUniform([50, 3], 0, 1, 'float32', 'seed'),
          tf.randomNormal([200], 0, 1, 'float32', 7),
          tf.truncatedNormal([100], 0, 1, 'float32', 11),
        ].map(described),
      ),
    'goes on after operations that cannot be': (tf) => {
      const before = tf.memory().numTensors;
      const failures = [
        failureOf(() => tf.tidy(() => tf.matMul(features(tf), features(tf)))),
        failureOf(() => tf.tensor2d(new Float32Array(100), [7, 8])),
        failureOf(() => tf.tidy(() => tf.concat([map(tf), features(tf)] as Tf.Tensor[]))),
        failureOf(() => tf.tidy(() => tf.reshape(map(tf), [-1, 7]))),
      ];
      return [failures, tf.memory().numTensors - before, tidied(tf, () => described(features(tf)))];
    },
  },
};
