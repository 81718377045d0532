import { stripVTControlCharacters } from 'node:util';

export interface Column<T> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  text(row: T): string;
}

/** Lays rows out in columns as wide as their widest cell; colours in cells take no width. */
export function formatTable<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const table = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => column.text(row))),
  ];
  const widths = columns.map((_, i) => Math.max(...table.map((cells) => width(cells[i] ?? ''))));
  return table
    .map((cells) =>
      cells
        .map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.align ?? 'left'))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function pad(cell: string, to: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(to - width(cell));
  return align === 'left' ? cell + space : space + cell;
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
