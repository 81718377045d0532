import { describe, expect, it } from 'vitest';
import { rivalryOf } from '../bench/losses.js';
import { formatRivalry } from '../bench/summary.js';
import { benchComparison, benchRivalry } from './support/bench-results.js';

describe('rivals', () => {
  const times = (rounds: Record<string, number[]>, rivals: string[]) => ({
    ...benchComparison(1),
    ours: ['collected', 'exit'],
    rounds,
    rivals,
  });

  it('beat us only where they beat the better of ours, round by round', () => {
    const five = (time: number) => Array.from({ length: 5 }, () => time);
    const pool = [2, 2, 2, 8, 8];
    const rounds = { plain: five(9), collected: five(8), exit: five(4), pool, malloc: five(6) };
    const one = times(rounds, ['pool', 'malloc']);
    const { contested, lost, defeats } = rivalryOf([one]);
    expect([contested, lost]).toEqual([1, 1]);
    expect(defeats).toMatchObject([
      { rival: 'pool', variant: 'exit', advantage: { median: 0.5 }, doubtful: true },
    ]);
  });

  it('count a row once, however many of them win it, and no row without them', () => {
    const rounds = { plain: [9], collected: [8], exit: [6], pool: [4], malloc: [3] };
    const { contested, lost, defeats } = rivalryOf([
      benchComparison(1),
      times(rounds, ['pool', 'malloc']),
      times(rounds, []),
      { ...times(rounds, ['pool']), ours: [] },
    ]);
    expect([contested, lost]).toEqual([1, 1]);
    expect(defeats.map(({ rival }) => rival)).toEqual(['malloc', 'pool']);
  });

  it('are told on a terminal as far as they fit, worst first', () => {
    const rows = Array.from({ length: 13 }, (_, i) => benchRivalry(2 + i, `row ${i}`));
    const text = formatRivalry(rivalryOf(rows));
    expect(text).toContain('In 13 of 13 rows with rivals');
    expect(text.match(/row \d+/g)).toEqual(Array.from({ length: 10 }, (_, i) => `row ${12 - i}`));
    expect(text).toContain('and 3 more');
    expect(formatRivalry(rivalryOf([benchRivalry(0.5)]))).toMatch(/^In 0 of 1 rows.*$/);
  });
});
