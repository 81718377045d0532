import type * as Tf from '@tensorflow/tfjs-core';
import { randomNumbers } from '../../../examples/support/random.js';
import type { App } from './app.js';

const SIDE = 32;
const CHANNELS = 3;
const FILTERS = [8, 16] as const;
const CLASSES = 10;
const PICTURES = 8;

/** A small convolutional network tells how likely each class is. */
export const model: App = {
  name: 'Model server',
  about: `${SIDE}×${SIDE} pixels go through two convolutions and a dense layer of tfjs`,
  requests: PICTURES,

  async prepare() {
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-backend-cpu');
    // Otherwise it praises its faster relative on standard error.
    tf.enableProdMode();
    const random = randomNumbers(5);
    const numbers = (length: number): Float32Array =>
      Float32Array.from({ length }, () => random() - 0.5);
    const filters = (from: number, to: number): Tf.Tensor4D =>
      tf.tensor4d(numbers(9 * from * to), [3, 3, from, to]);

    const first = filters(CHANNELS, FILTERS[0]);
    const second = filters(FILTERS[0], FILTERS[1]);
    const features = (SIDE / 4) ** 2 * FILTERS[1];
    const dense = tf.tensor2d(numbers(features * CLASSES), [features, CLASSES]);
    const inputs = Array.from({ length: PICTURES }, () => numbers(SIDE * SIDE * CHANNELS));

    const layer = (x: Tf.Tensor4D, weights: Tf.Tensor4D): Tf.Tensor4D =>
      tf.maxPool(tf.relu(tf.conv2d(x, weights, 1, 'same')), 2, 2, 'valid');
    const classify = (pixels: Float32Array): Tf.Tensor => {
      const x = tf.tensor4d(pixels.slice(), [1, SIDE, SIDE, CHANNELS]);
      const seen = tf.reshape(layer(layer(x, first), second), [1, features]);
      return tf.softmax(tf.matMul(seen, dense));
    };
    return (request) => {
      const chances = tf.tidy(() => classify(inputs[request] as Float32Array));
      const answer = JSON.stringify([...chances.dataSync()]);
      chances.dispose();
      return answer;
    };
  },
};
