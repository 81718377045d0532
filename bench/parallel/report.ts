import { type Column, formatTable } from '../../examples/support/table.js';
import type { Variant } from '../../examples/support/variant.js';
import { type Loss, type Target, target } from '../section.js';
import type { Settings } from '../settings.js';
import { digits, formatNanoseconds, formatRatio } from '../support/format.js';
import { pairedRatios, spreadOf } from '../support/spread.js';
import { RIVALS, type Row, THREADS, type Threads } from './row.js';

const LEAST_SPEED = 1.2;
// Scaling of arenas by that of plain Node.
const LEAST_SCALING = 1;

export function formatRows(rows: readonly Row[], { exampleRounds }: Settings): string {
  const lines = rows.flatMap((row) => THREADS.map((threads): Line => ({ ...row, threads })));
  return (
    `The examples on worker threads, medians of ${exampleRounds} rounds; in brackets: times as fast ` +
    `as on one thread\n${formatTable(COLUMNS, lines)}`
  );
}

interface Line extends Row {
  readonly threads: Threads;
}

const COLUMNS: readonly Column<Line>[] = [
  { title: 'example', text: ({ name }) => name },
  { title: 'on', text: ({ input }) => input },
  { title: 'threads', align: 'right', text: ({ threads }) => String(threads) },
  {
    title: 'plain',
    align: 'right',
    text: (line) =>
      formatNanoseconds(1e6 * spreadOf(line.milliseconds[line.threads].plain).median) +
      scalingText(line, 'plain'),
  },
  ...RIVALS.map(
    (rival): Column<Line> => ({
      title: rival,
      align: 'right',
      text: (line) => formatRatio(line.speed[line.threads][rival]) + scalingText(line, rival),
    }),
  ),
];

function scalingText({ threads, scaling }: Line, variant: Variant): string {
  return threads === 1 ? '' : ` [${digits(scaling[variant].median)}×]`;
}

/** Of `'exit'`, which tasks that keep nothing can run with. */
export function targetsOf(rows: readonly Row[]): Target[] {
  const speed = rows
    .filter(({ name }) => name === 'param-search')
    .map((row) =>
      target(
        `'exit' against plain Node, ${row.name} on 2 threads`,
        row.speed[2].exit.median,
        'at least',
        LEAST_SPEED,
        '×',
      ),
    );
  const scaling = rows.map((row) =>
    target(
      `'exit' from 1 thread to 2, against plain Node's gain, ${row.name}`,
      relativeScaling(row),
      'at least',
      LEAST_SCALING,
      '×',
    ),
  );
  return [...speed, ...scaling];
}

function relativeScaling({ milliseconds }: Row): number {
  const gain = (variant: Variant) =>
    pairedRatios(milliseconds[1][variant], milliseconds[2][variant]);
  return spreadOf(pairedRatios(gain('exit'), gain('plain'))).median;
}

/** Every example in which arenas are slower than plain Node. */
export function lossesOf(rows: readonly Row[]): Loss[] {
  return rows.flatMap(({ name, speed }) =>
    THREADS.flatMap((threads) =>
      (['collected', 'exit'] as const)
        .filter((release) => speed[threads][release].median < 1)
        .map((release) => ({
          what: `'${release}', example ${name} on ${threads} thread(s)`,
          speed: speed[threads][release].median,
          doubtful: speed[threads][release].high >= 1,
        })),
    ),
  );
}
