import { describe, expect, it } from 'vitest';
import { HelpChoice } from '../lib/help-choice.js';

/** How many of the last 100 of 300 collections are helped, where they take so long. */
function helpedOf(alone: number, helped: number): number {
  const choice = new HelpChoice();
  return collect(choice, alone, helped).slice(-100).filter(Boolean).length;
}

function collect(choice: HelpChoice, alone: number, helped: number): boolean[] {
  return Array.from({ length: 300 }, () => {
    const isHelped = choice.isWanted();
    choice.learn(isHelped ? helped : alone, isHelped);
    return isHelped;
  });
}

describe('whether other threads help to collect', () => {
  it('is not asked where collections are short', () => {
    expect(helpedOf(0.2, 0.01)).toBe(0);
  });

  it('is what has been shorter of late, and the other is tried now and then', () => {
    expect(helpedOf(4, 2)).toBeGreaterThanOrEqual(95);
    expect(helpedOf(4, 2)).toBeLessThan(100);
    expect(helpedOf(4, 5)).toBeLessThanOrEqual(5);
    expect(helpedOf(4, 5)).toBeGreaterThan(0);
  });

  it('is not decided for long by the first ones, which take several times as long', () => {
    const choice = new HelpChoice();
    for (const milliseconds of [0.9, 0.7]) choice.learn(milliseconds, choice.isWanted());
    expect(collect(choice, 0.1, 0.2).slice(3)).not.toContain(true);
  });

  it('is found out again when that changes', () => {
    const choice = new HelpChoice();
    collect(choice, 4, 2);
    collect(choice, 0.05, 0.2);
    expect(choice.isWanted()).toBe(false);
    collect(choice, 4, 2);
    expect(choice.isWanted()).toBe(true);
  });
});
