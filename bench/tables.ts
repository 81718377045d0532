import { type Column, formatTable } from '../examples/support/table.js';
import { advantage, type Comparison, figures, variantsOf } from './comparison.js';
import { formatFigure, formatRatio } from './support/format.js';
import { groupBy } from './support/group-by.js';

/** One table for each group, in the order of their first appearance. */
export function formatComparisons(comparisons: readonly Comparison[]): string {
  return [...groupBy(comparisons, ({ group }) => group)]
    .map(([group, rows]) => [group, formatTable(columnsOf(rows), rows), ...remarksOn(rows)])
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** Where all rows have the same variants, and where each has its own. */
function columnsOf(rows: readonly Comparison[]): Column<Comparison>[] {
  const variants = [...new Set(rows.flatMap(variantsOf))];
  return [
    { title: '', text: ({ name, remark }) => (remark === undefined ? name : `${name} *`) },
    ...variants.flatMap((variant) => columnsFor(variant, rows)),
  ];
}

function columnsFor(variant: string, rows: readonly Comparison[]): Column<Comparison>[] {
  const has = ({ rounds }: Comparison): boolean => rounds[variant] !== undefined;
  const value: Column<Comparison> = {
    title: variant,
    align: 'right',
    text: (row) => (has(row) ? formatFigure(figures(row, variant).median, row.unit) : ''),
  };
  if (rows.every(({ baseline }) => baseline === variant)) return [value];
  const ratio: Column<Comparison> = {
    title: '',
    align: 'right',
    text: (row) =>
      has(row) && row.baseline !== variant ? formatRatio(advantage(row, variant)) : '',
  };
  return [value, ratio];
}

function remarksOn(rows: readonly Comparison[]): string[] {
  return [...groupBy(rows, ({ remark }) => remark)]
    .filter(([remark]) => remark !== undefined)
    .map(([remark, about]) => `* ${about.map(({ name }) => name).join(', ')}: ${remark}`);
}
