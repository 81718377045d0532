import { colours } from '../../examples/support/colours.js';
import { type Column, formatTable } from '../../examples/support/table.js';
import type { Comparison } from '../comparison.js';
import { formatFigure, formatRatio } from '../support/format.js';
import type { Spread } from '../support/spread.js';
import { type Change, SIGNIFICANCE, type Verdict } from './change.js';
import {
  hasChanged,
  LEAST_CONTROLS,
  regressionsOf,
  SHARE,
  type Sides,
  sidesOf,
  sizeOf,
} from './controls.js';
import type { Matched } from './match.js';

/** What changed: of ours and, as a control, of what has nothing of this package; and what is left out. */
export function formatChanges(changes: readonly Change[], matched: Matched, least: number): string {
  const sides = sidesOf(changes);
  const { ours, controls } = sides;
  const tooFew = changes.length - ours.length - controls.length;
  const changed = largestFirst(ours);
  return [
    ...tableOf(changed, regressionsOf(sides)),
    `${count(ours, 'better')} better, ${count(ours, 'worse')} worse, ${count(ours, 'unchanged')} unchanged: a change is at least ` +
      `${least * 100}%, and chance alone gives such rounds in less than ${SIGNIFICANCE * 100} of 100 cases.`,
    ...(changed.some(({ absolute }) => absolute)
      ? ['* no baseline: the figures themselves, with the speed of the machine in them.']
      : []),
    ...(controls.length > 0 ? formatControls(sides) : []),
    ...leftOut(tooFew, matched),
  ].join('\n');
}

/** What chance does, which rounds alone do not tell. */
function formatControls(sides: Sides): string[] {
  const { ours, controls } = sides;
  const changed = largestFirst(controls);
  const expected = Math.round((changed.length / controls.length) * ours.length);
  return [
    ...(changed.length > 0 ? ['\nAs a control, without arena-pirate:'] : []),
    ...tableOf(changed),
    `Of ${controls.length} variants without arena-pirate ${changed.length} changed as well: ` +
      `so ${expected} of the ${ours.length} of ours are to be expected by chance.`,
    controls.length < LEAST_CONTROLS
      ? 'These are too few to tell by how much: whatever got worse of ours counts as a regression.'
      : `Regressions: ${regressionsOf(sides).length}, of ours that got worse by more than ${SHARE * 100}% of those changed, ` +
        'also against those of their own row.',
  ];
}

function largestFirst(changes: readonly Change[]): Change[] {
  return changes.filter(hasChanged).sort((a, b) => sizeOf(b) - sizeOf(a));
}

function count(changes: readonly Change[], wanted: Verdict): number {
  return changes.filter(({ verdict }) => verdict === wanted).length;
}

function tableOf(changes: readonly Change[], regressions: readonly Change[] = []): string[] {
  const mark: Column<Change> = {
    title: '',
    text: (change) => (regressions.includes(change) ? colours.red('regression') : ''),
  };
  const columns = regressions.length > 0 ? [mark, ...COLUMNS] : COLUMNS;
  return changes.length > 0 ? [formatTable(columns, changes)] : [];
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
