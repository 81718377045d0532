import { describe, expect, it } from 'vitest';
import { CollectBudget } from '../lib/collect-budget.js';

const MIB = 2 ** 20;
const CHEAP = 0.05;
const DEAR = 5;

describe('the budget of memory that waits for a collection', () => {
  const bytesAfter = (count: number, milliseconds: number): number => {
    const budget = new CollectBudget(16 * MIB);
    for (let i = 0; i < count; i++) budget.learn(milliseconds);
    return budget.bytes;
  };

  it('is half of what is configured before anything is known', () => {
    expect(bytesAfter(0, 0)).toBe(8 * MIB);
  });

  it('stays there while collections are as cheap as they are where hardly anything is alive', () => {
    expect(bytesAfter(20, CHEAP)).toBe(8 * MIB);
    expect(bytesAfter(20, 6 * CHEAP)).toBe(8 * MIB);
  });

  it('is more where they are dearer, and all of it once they are dear', () => {
    const between = bytesAfter(20, 10 * CHEAP);
    expect(between).toBeGreaterThan(12 * MIB);
    expect(between).toBeLessThan(13 * MIB);
    expect(bytesAfter(2, DEAR)).toBe(16 * MIB);
  });

  it('follows what the last few took', () => {
    const budget = new CollectBudget(16 * MIB);
    budget.learn(2);
    const after = [budget.bytes];
    for (let i = 0; i < 4; i++) {
      budget.learn(CHEAP);
      after.push(budget.bytes);
    }
    expect(after[0]).toBeGreaterThan(12 * MIB);
    expect(after).toEqual([...after].sort((a, b) => b - a));
    expect(after.at(-1)).toBe(8 * MIB);
  });

  it('comes down again when V8 has collected by itself for a while', () => {
    const budget = new CollectBudget(16 * MIB);
    for (let i = 0; i < 20; i++) budget.learn(DEAR);
    for (let i = 0; i < 200; i++) budget.forget();
    expect(budget.bytes).toBe(8 * MIB);
  });

  describe('when V8 turns collections into full ones', () => {
    const FULL = 150;
    const MOST = 16 * MIB;
    /** Of V8's own, until the budget is what is configured again. */
    const leaveOf = (budget: CollectBudget): number => {
      let count = 0;
      while (budget.bytes > MOST) {
        budget.forget();
        count++;
      }
      return count;
    };

    it('leaves the collecting to V8 for a while, unless very much waits', () => {
      const budget = new CollectBudget(MOST);
      budget.learn(FULL);
      expect(budget.bytes).toBe(MOST);
      budget.learn(FULL);
      expect(budget.bytes).toBe(8 * MOST);
      expect(leaveOf(budget)).toBe(64);
    });

    it('does so for longer when it happens again, a few cheap ones between them or not', () => {
      const budget = new CollectBudget(MOST);
      budget.learn(FULL);
      const leaves = Array.from({ length: 8 }, () => {
        budget.learn(CHEAP);
        budget.learn(CHEAP);
        budget.learn(FULL);
        return leaveOf(budget);
      });
      expect(leaves[0]).toBe(64);
      expect(leaves[1]).toBeGreaterThan(120);
      expect(leaves[7]).toBeGreaterThan(3500);
    });

    it('has forgotten that after hundreds of cheap ones', () => {
      const budget = new CollectBudget(MOST);
      for (let i = 0; i < 10; i++) budget.learn(FULL);
      for (let i = 0; i < 500; i++) budget.learn(CHEAP);
      expect(budget.bytes).toBe(MOST / 2);
      budget.learn(FULL);
      expect(budget.bytes).toBeLessThanOrEqual(MOST);
      budget.learn(FULL);
      expect(leaveOf(budget)).toBe(64);
    });

    it('takes one that was dear among many for an accident', () => {
      const budget = new CollectBudget(MOST);
      for (let i = 0; i < 100; i++) {
        budget.learn(i % 10 === 0 ? FULL : CHEAP);
        expect(budget.bytes).toBeLessThanOrEqual(MOST);
      }
    });
  });

  it('is 0 where 0 is configured', () => {
    const budget = new CollectBudget(0);
    budget.learn(DEAR);
    expect(budget.bytes).toBe(0);
  });
});
