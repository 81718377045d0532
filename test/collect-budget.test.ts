import { describe, expect, it } from 'vitest';
import { CollectBudget } from '../lib/collect-budget.js';

const MIB = 2 ** 20;
const CHEAP = 0.05;
const DEAR = 5;
// Milliseconds between collections where those take next to no time of all, and most of it.
const LONG = 1000;
const SHORT = 0.2;

describe('the budget of memory that waits for a collection', () => {
  const bytesAfter = (count: number, milliseconds: number, elapsed: number): number => {
    const budget = new CollectBudget(16 * MIB);
    for (let i = 0; i < count; i++) budget.learn(milliseconds, elapsed);
    return budget.bytes;
  };

  it('is three quarters of what is configured before anything is known', () => {
    expect(bytesAfter(0, 0, 0)).toBe(12 * MIB);
  });

  it('comes down to half while collections are cheap and take little of the time', () => {
    expect(bytesAfter(20, CHEAP, LONG)).toBe(8 * MIB);
    const between = bytesAfter(20, 4 * CHEAP, LONG);
    expect(between).toBeGreaterThan(8 * MIB);
    expect(between).toBeLessThan(12 * MIB);
  });

  it('stays where cheap collections take much of the time', () => {
    expect(bytesAfter(20, CHEAP, SHORT)).toBe(12 * MIB);
  });

  it('lets collections take a tenth of the time, if so much is needed', () => {
    const budget = new CollectBudget(16 * MIB);
    // The work for a MiB takes 0.05 ms.
    const elapsed = () => CHEAP + (0.05 * budget.bytes) / MIB;
    for (let i = 0; i < 100; i++) budget.learn(CHEAP, elapsed());
    expect(CHEAP / elapsed()).toBeCloseTo(0.1, 2);
  });

  it('is all of it once they are dear, and something between on the way', () => {
    const between = bytesAfter(4, 0.4, LONG);
    expect(between).toBeGreaterThan(12 * MIB);
    expect(between).toBeLessThan(16 * MIB);
    expect(bytesAfter(2, DEAR, LONG)).toBe(16 * MIB);
  });

  it('comes down again when V8 has collected by itself for a while', () => {
    const budget = new CollectBudget(16 * MIB);
    for (let i = 0; i < 20; i++) budget.learn(DEAR, SHORT);
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
      budget.learn(FULL, LONG);
      expect(budget.bytes).toBe(MOST);
      budget.learn(FULL, LONG);
      expect(budget.bytes).toBe(8 * MOST);
      expect(leaveOf(budget)).toBe(64);
    });

    it('does so for longer when it happens again, a few cheap ones between them or not', () => {
      const budget = new CollectBudget(MOST);
      budget.learn(FULL, LONG);
      const leaves = Array.from({ length: 8 }, () => {
        budget.learn(CHEAP, LONG);
        budget.learn(CHEAP, LONG);
        budget.learn(FULL, LONG);
        return leaveOf(budget);
      });
      expect(leaves[0]).toBe(64);
      expect(leaves[1]).toBeGreaterThan(120);
      expect(leaves[7]).toBeGreaterThan(3500);
    });

    it('has forgotten that after hundreds of cheap ones', () => {
      const budget = new CollectBudget(MOST);
      for (let i = 0; i < 10; i++) budget.learn(FULL, LONG);
      for (let i = 0; i < 500; i++) budget.learn(CHEAP, LONG);
      expect(budget.bytes).toBe(MOST / 2);
      budget.learn(FULL, LONG);
      expect(budget.bytes).toBeLessThanOrEqual(MOST);
      budget.learn(FULL, LONG);
      expect(leaveOf(budget)).toBe(64);
    });

    it('takes one that was dear among many for an accident', () => {
      const budget = new CollectBudget(MOST);
      for (let i = 0; i < 100; i++) {
        budget.learn(i % 10 === 0 ? FULL : CHEAP, LONG);
        expect(budget.bytes).toBeLessThanOrEqual(MOST);
      }
    });
  });

  it('survives a clock that stands still', () => {
    expect(bytesAfter(20, 0, 0)).toBe(8 * MIB);
    expect(bytesAfter(1, CHEAP, 0)).toBe(12 * MIB);
  });

  it('is 0 where 0 is configured', () => {
    const budget = new CollectBudget(0);
    budget.learn(DEAR, LONG);
    expect(budget.bytes).toBe(0);
  });
});
