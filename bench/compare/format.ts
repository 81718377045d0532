import { colours } from '../../examples/support/colours.js';
import { type Column, formatTable } from '../../examples/support/table.js';
import type { Comparison } from '../comparison.js';
import { formatFigure, formatRatio } from '../support/format.js';
import type { Spread } from '../support/spread.js';
import { type Change, SIGNIFICANCE, type Verdict } from './change.js';
import type { Matched } from './match.js';

/** Changes, the largest first, and what is left out of them. */
export function formatChanges(changes: readonly Change[], matched: Matched, least: number): string {
  const changed = changes
    .filter(({ verdict }) => verdict === 'better' || verdict === 'worse')
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  const count = (wanted: Verdict) => changes.filter(({ verdict }) => verdict === wanted).length;
  return [
    ...(changed.length > 0 ? [formatTable(COLUMNS, changed)] : []),
    `${count('better')} better, ${count('worse')} worse, ${count('unchanged')} unchanged: a change is at least ` +
      `${least * 100}%, and chance alone gives such rounds in less than ${SIGNIFICANCE * 100} of 100 cases.`,
    ...(changed.some(({ absolute }) => absolute)
      ? ['* no baseline: the figures themselves, with the speed of the machine in them.']
      : []),
    ...leftOut(count('too few rounds'), matched),
  ].join('\n');
}

function leftOut(tooFew: number, { onlyBefore, onlyAfter, different }: Matched): string[] {
  return [
    tooFew > 0 && `${tooFew} with too few rounds to tell: measure with a larger profile.`,
    onlyBefore > 0 && `${rows(onlyBefore)} in the first run only.`,
    onlyAfter > 0 && `${rows(onlyAfter)} in the second run only.`,
    different.length > 0 &&
      `${rows(different.length)} of other work or with another answer now: ${different.map(({ name }) => name).join(', ')}.`,
  ].filter((line) => line !== false);
}

const COLUMNS: readonly Column<Change>[] = [
  { title: '', text: ({ verdict }) => inColour(verdict, verdict) },
  {
    title: 'change',
    align: 'right',
    text: ({ factor, verdict }) => inColour(percent(factor), verdict),
  },
  { title: 'variant', text: ({ variant, absolute }) => (absolute ? `${variant} *` : variant) },
  { title: 'before', align: 'right', text: (change) => told(change, change.before) },
  { title: 'after', align: 'right', text: (change) => told(change, change.after) },
  { title: 'what', text: ({ comparison: { group, name } }) => `${group}: ${name}` },
];

function sizeOf({ factor }: Change): number {
  return Math.abs(Math.log(factor));
}

/** `+12.0%` */
function percent(factor: number): string {
  const change = (factor - 1) * 100;
  return Number.isFinite(change) ? `${change > 0 ? '+' : '−'}${Math.abs(change).toFixed(1)}%` : '∞';
}

function told({ absolute, comparison }: Change, spread: Spread): string {
  return absolute ? figureOf(comparison, spread.median) : formatRatio(spread);
}

function figureOf({ better, unit }: Comparison, goodness: number): string {
  return formatFigure(better === 'more' ? goodness : 1 / goodness, unit);
}

function inColour(text: string, verdict: Verdict): string {
  return verdict === 'better' ? colours.green(text) : colours.red(text);
}

function rows(count: number): string {
  return count === 1 ? '1 row is' : `${count} rows are`;
}
