import { type Column, formatTable } from '../../examples/support/table.js';
import { type Loss, type Target, target } from '../section.js';
import type { Settings } from '../settings.js';
import { formatNanoseconds, formatRatio } from '../support/format.js';
import { spreadOf } from '../support/spread.js';
import { RIVALS, type Row } from './row.js';

const LEAST_SPEED = 2;

export function formatRows(rows: readonly Row[], { exampleRounds }: Settings): string {
  return `The examples of ArenaPirate.jl, medians of ${exampleRounds} rounds\n${formatTable(COLUMNS, rows)}`;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'example', text: ({ name }) => name },
  { title: 'on', text: ({ input }) => input },
  {
    title: 'plain',
    align: 'right',
    text: ({ milliseconds }) => formatNanoseconds(1e6 * spreadOf(milliseconds.plain).median),
  },
  ...RIVALS.map(
    (rival): Column<Row> => ({
      title: rival,
      align: 'right',
      text: ({ speed }) => formatRatio(speed[rival]),
    }),
  ),
];

/** Of the collected range; the other examples have no promise. */
export function targetsOf(rows: readonly Row[]): Target[] {
  return rows
    .filter(({ name }) => name === 'collected range')
    .map(({ name, input, speed }) =>
      target(
        `'exit' against plain Node, ${name}, ${input}`,
        speed.exit.median,
        'at least',
        LEAST_SPEED,
        '×',
      ),
    );
}

/** Every example in which arenas are slower than plain Node. */
export function lossesOf(rows: readonly Row[]): Loss[] {
  return rows.flatMap(({ name, speed }) =>
    (['collected', 'exit'] as const)
      .filter((release) => speed[release].median < 1)
      .map((release) => ({
        what: `'${release}', example ${name}`,
        speed: speed[release].median,
        doubtful: speed[release].high >= 1,
      })),
  );
}
