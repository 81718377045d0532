import { Piscina } from 'piscina';
import { afterEach, expect } from 'vitest';

/** 0, 1, 2 … */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** What a promise is rejected with; fails when it is not. */
// biome-ignore lint/suspicious/noExplicitAny: whatever it is
export function rejection(promise: Promise<unknown>): Promise<any> {
  return promise.then(
    () => expect.unreachable(),
    (error) => error,
  );
}

const pools: Piscina[] = [];

/** A piscina that is destroyed after the test. */
export function newPool(options: ConstructorParameters<typeof Piscina>[0]): Piscina {
  const pool = new Piscina(options);
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
});
