import { describe, expect, it } from 'vitest';
import { CollectBudget } from '../lib/collect-budget.js';

const MIB = 2 ** 20;
const CHEAP = 0.05;
const DEAR = 5;

describe('the budget of memory that waits for a collection', () => {
  const bytesAfter = (...milliseconds: number[]): number => {
    const budget = new CollectBudget(32 * MIB);
    for (const one of milliseconds) budget.learn(one);
    return budget.bytes;
  };

  it('is three eighths of what is configured while collections are cheap', () => {
    expect(bytesAfter()).toBe(12 * MIB);
    expect(bytesAfter(CHEAP, CHEAP, CHEAP)).toBe(12 * MIB);
  });

  it('is all of it once they are dear, and something between on the way', () => {
    const between = bytesAfter(0.3, 0.3, 0.3, 0.3);
    expect(between).toBeGreaterThan(12 * MIB);
    expect(between).toBeLessThan(32 * MIB);
    expect(bytesAfter(DEAR, DEAR)).toBe(32 * MIB);
  });

  it('comes down again when V8 has collected by itself for a while', () => {
    const budget = new CollectBudget(32 * MIB);
    for (let i = 0; i < 20; i++) budget.learn(DEAR);
    for (let i = 0; i < 100; i++) budget.forget();
    expect(budget.bytes).toBe(12 * MIB);
  });

  it('is 0 where 0 is configured', () => {
    const budget = new CollectBudget(0);
    budget.learn(DEAR);
    expect(budget.bytes).toBe(0);
  });
});
