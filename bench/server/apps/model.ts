import type * as Tf from '@tensorflow/tfjs-core';
import { randomNumbers } from '../../../examples/support/random.js';
import type { App } from './app.js';

const SIDE = 64;
const CHANNELS = 3;
const FILTERS = [8, 16] as const;
const CLASSES = 10;
const PICTURES = 8;

/** A small convolutional network, of the kind made for weak machines, tells how likely each class is. */
export const model: App = {
  name: 'Model server',
  about: `${SIDE}×${SIDE} pixels go through two separable convolutions and a dense layer of tfjs`,
  requests: PICTURES,

  async prepare() {
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-backend-cpu');
    // Otherwise it praises its faster relative on standard error.
    tf.enableProdMode();
    const random = randomNumbers(5);
    const numbers = (length: number): Float32Array =>
      Float32Array.from({ length }, () => random() - 0.5);
    const block = (from: number, to: number): ((x: Tf.Tensor4D) => Tf.Tensor4D) => {
      const depthwise = tf.tensor4d(numbers(9 * from), [3, 3, from, 1]);
      const pointwise = tf.tensor4d(numbers(from * to), [1, 1, from, to]);
      const bias = tf.tensor1d(numbers(to));
      return (x) => {
        const mixed = tf.conv2d(tf.depthwiseConv2d(x, depthwise, 1, 'same'), pointwise, 1, 'same');
        return tf.maxPool(tf.relu(tf.add<Tf.Tensor4D>(mixed, bias)), 2, 2, 'valid');
      };
    };

    const first = block(CHANNELS, FILTERS[0]);
    const second = block(FILTERS[0], FILTERS[1]);
    const features = (SIDE / 4) ** 2 * FILTERS[1];
    const dense = tf.tensor2d(numbers(features * CLASSES), [features, CLASSES]);
    const inputs = Array.from({ length: PICTURES }, () => numbers(SIDE * SIDE * CHANNELS));

    const classify = (pixels: Float32Array): Tf.Tensor => {
      const x = tf.tensor4d(pixels.slice(), [1, SIDE, SIDE, CHANNELS]);
      return tf.softmax(tf.matMul(tf.reshape(second(first(x)), [1, features]), dense));
    };
    return (request) => {
      const chances = tf.tidy(() => classify(inputs[request] as Float32Array));
      const answer = JSON.stringify([...chances.dataSync()]);
      chances.dispose();
      return answer;
    };
  },
};
