import { colours } from './colours.js';
import type { Comparison } from './compare.js';
import { type Column, formatTable } from './table.js';
import type { Variant } from './variant.js';

const ALIKE_WITHIN = 0.05;

/** What the columns mean. */
export const legend =
  'captured: arrays that arenas served. GC runs: plain / collected / exit. In brackets: times as fast as plain.';

/** One line per workload: its output, what arenas served, collections, and time against plain Node. */
export function formatReport(comparisons: readonly Comparison[]): string {
  const handKept = comparisons.some(({ measurements }) => measurements.has('hand-kept'));
  return formatTable([...columns, ...(handKept ? [timeColumn('hand-kept')] : [])], comparisons);
}

const columns: readonly Column<Comparison>[] = [
  { title: 'work', text: ({ name }) => colours.bold(name) },
  { title: 'on', text: ({ input }) => input },
  { title: 'SHA-256', text: ({ sha256 }) => `${sha256.slice(0, 12)}…` },
  {
    title: 'captured',
    align: 'right',
    text: ({ measurements }) => (measurements.get('collected')?.captured ?? 0).toLocaleString('en'),
  },
  {
    title: 'GC runs',
    align: 'right',
    text: ({ measurements }) =>
      (['plain', 'collected', 'exit'] as const)
        .map((variant) => measurements.get(variant)?.gcRuns ?? '–')
        .join(' / '),
  },
  {
    title: 'plain ms',
    align: 'right',
    text: ({ measurements }) => milliseconds(measurements.get('plain')?.milliseconds),
  },
  timeColumn('collected'),
  timeColumn('exit'),
];

/** Time of a variant, and how many times faster than plain that is. */
function timeColumn(variant: Variant): Column<Comparison> {
  return {
    title: `${variant} ms`,
    align: 'right',
    text: ({ measurements }) => {
      const plain = measurements.get('plain')?.milliseconds;
      const own = measurements.get(variant)?.milliseconds;
      if (plain === undefined || own === undefined) return '–';
      return `${milliseconds(own)} (${speedup(plain / own)})`;
    },
  };
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(1);
}

function speedup(ratio: number): string {
  const text = `${ratio.toFixed(2)}×`;
  if (ratio > 1 + ALIKE_WITHIN) return colours.green(text);
  return ratio < 1 - ALIKE_WITHIN ? colours.red(text) : text;
}
