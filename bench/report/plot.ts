import { advantage, type Comparison, figures, variantsOf } from '../comparison.js';
import { formatFigure, formatRatio } from '../support/format.js';
import type { Spread } from '../support/spread.js';
import { drawBars } from './bars.js';
import type { Colours } from './colours.js';
import type { Markup } from './html.js';
import { drawLines } from './lines.js';
import { figureScale, ratioScale, type Scale } from './scale.js';

/** Values of several variants in several rows, with how they are told. */
export interface Plot {
  readonly title: string;
  readonly rows: readonly string[];
  readonly variants: readonly string[];
  /** By variant, one for each row; undefined where the row lacks the variant. */
  readonly spreads: ReadonlyMap<string, readonly (Spread | undefined)[]>;
  readonly scale: Scale;
  /** Where bars begin: 1 for ratios. Undefined where a bar's length would mean nothing, as from anywhere on a log axis. */
  readonly origin: number | undefined;
  /** Of a point on the axis. */
  readonly formatTick: (value: number) => string;
  readonly format: (spread: Spread) => string;
  readonly colours: Colours;
}

/** From so many sizes on, a line shows more than bars. */
const FEWEST_SIZES = 4;

const SIZE = /^\d+(\.\d+)? (B|KB|MB|GB)$/;
const PERCENTILE = /^(p\d+(\.\d+)?|max)$/;

/** What the plot of a group shows, in words. */
export function describePlot(rows: readonly Comparison[]): string {
  const better = rows[0]?.better === 'more' ? 'more is better' : 'less is better';
  return showsFigures(rows)
    ? `Figures, ${better}; whiskers are quartiles.`
    : `Times as good as ${rows[0]?.baseline} in the same round: right of 1 (or above it) is better; whiskers are quartiles.`;
}

/** The plot that suits a group of comparisons. */
export function plotGroup(rows: readonly Comparison[], title: string, colours: Colours): Markup {
  const plot = showsFigures(rows)
    ? figurePlot(rows, title, colours)
    : ratioPlot(rows, title, colours);
  const manySizes = rows.length >= FEWEST_SIZES && rows.every(({ name }) => SIZE.test(name));
  return manySizes || isLatency(rows) ? drawLines(plot) : drawBars(plot);
}

/** The variants that {@link plotGroup} draws. */
export function drawnVariants(rows: readonly Comparison[]): string[] {
  const all = [...new Set(rows.flatMap(variantsOf))];
  return showsFigures(rows)
    ? all
    : all.filter((variant) => rows.some((row) => row.baseline !== variant && has(row, variant)));
}

// Memory and counts mean more than their ratios, and can be 0; so do figures that stand alone.
function showsFigures(rows: readonly Comparison[]): boolean {
  return (
    rows.every(({ unit }) => unit === 'bytes' || unit === 'count') ||
    rows.every((row) => variantsOf(row).length === 1) ||
    isLatency(rows)
  );
}

function isLatency(rows: readonly Comparison[]): boolean {
  return rows.every(({ name, unit }) => unit === 'ns' && PERCENTILE.test(name));
}

function ratioPlot(rows: readonly Comparison[], title: string, colours: Colours): Plot {
  const spreads = spreadsOf(rows, (row, variant) =>
    row.baseline === variant ? undefined : advantage(row, variant),
  );
  return {
    title,
    ...spreads,
    scale: ratioScale(valuesOf(spreads.spreads)),
    origin: 1,
    formatTick: (value) => `${Number(value.toPrecision(3))}×`,
    format: formatRatio,
    colours,
  };
}

function figurePlot(rows: readonly Comparison[], title: string, colours: Colours): Plot {
  const { unit } = rows[0] as Comparison;
  const spreads = spreadsOf(rows, figures);
  const values = valuesOf(spreads.spreads);
  const scale = figureScale(values, unit === 'bytes' ? binaryUnit(Math.max(...values)) : 1);
  return {
    title,
    ...spreads,
    scale,
    origin: scale.type === 'log' ? undefined : 0,
    formatTick: (value) => shorten(formatFigure(value, unit)),
    format: ({ median }) => formatFigure(median, unit),
    colours,
  };
}

function spreadsOf(
  rows: readonly Comparison[],
  spreadOf: (row: Comparison, variant: string) => Spread | undefined,
): Pick<Plot, 'rows' | 'variants' | 'spreads'> {
  const variants = drawnVariants(rows);
  const ofVariant = (variant: string) =>
    rows.map((row) => (has(row, variant) ? spreadOf(row, variant) : undefined));
  return {
    rows: rows.map(({ name }) => name),
    variants,
    spreads: new Map(variants.map((variant) => [variant, ofVariant(variant)])),
  };
}

function valuesOf(spreads: Plot['spreads']): number[] {
  return [...spreads.values()]
    .flat()
    .flatMap((spread) => (spread === undefined ? [] : [spread.low, spread.median, spread.high]));
}

function has({ rounds }: Comparison, variant: string): boolean {
  return rounds[variant] !== undefined;
}

/** The largest of 1, 1024, 1024² and so on that is not above the value. */
function binaryUnit(value: number): number {
  return 1024 ** Math.floor(Math.log2(Math.max(value, 1)) / 10);
}

/** `3.00 ms` → `3 ms` */
function shorten(figure: string): string {
  return figure.replace(/\.0+(?!\d)|(\.\d*[1-9])0+(?!\d)/, '$1');
}
