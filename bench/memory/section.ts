import { type Column, formatTable } from '../../examples/support/table.js';
import { type Section, type SectionResult, target } from '../section.js';
import { MIB, type Settings } from '../settings.js';
import { formatBytes } from '../support/format.js';
import { runTask } from '../support/task.js';
import {
  ARRAYS_PER_SCOPE,
  type MemoryTask,
  type MemoryVariant,
  type Resident,
} from './resident.js';

const PROGRAM = require.resolve('./child.js');
const VARIANTS: readonly MemoryVariant[] = ['plain', 'collected', 'exit'];
const MOST_MIB = 64;

type Row = MemoryTask & Resident;

export const memory: Section = {
  name: 'memory',
  about: 'resident memory after a million arrays in one synchronous loop',

  steps() {
    return VARIANTS.length;
  },

  async run(settings, step): Promise<SectionResult> {
    const rows: Row[] = [];
    for (const variant of VARIANTS) {
      step(`memory, ${variant}`);
      rows.push(await runLoop(variant, settings));
    }
    const targets = rows
      .filter(({ variant }) => variant === 'collected')
      .map((row) =>
        target(
          `'collected', ${row.arrays.toLocaleString('en')} arrays of 1 KB: resident memory more than before`,
          growth(row) / MIB,
          'at most',
          MOST_MIB,
          'MiB',
        ),
      );
    return { rows, text: format(rows, settings), targets, losses: [] };
  },
};

async function runLoop(variant: MemoryVariant, settings: Settings): Promise<Row> {
  const task: MemoryTask = { variant, arrays: settings.memoryArrays };
  return { ...task, ...(await runTask<MemoryTask, Resident>(PROGRAM, task)) };
}

function growth({ before, after }: Resident): number {
  return after - before;
}

function format(rows: readonly Row[], { memoryArrays }: Settings): string {
  return (
    `Memory: ${memoryArrays.toLocaleString('en')} arrays of 1 KB in one synchronous loop, ` +
    `scopes of ${ARRAYS_PER_SCOPE}, a process each\n${formatTable(COLUMNS, rows)}`
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { title: '', text: ({ variant }) => variant },
  bytesColumn('resident before', ({ before }) => before),
  bytesColumn('highest', ({ highest }) => highest),
  bytesColumn('after', ({ after }) => after),
  bytesColumn('more than before', growth),
  { title: 'loop', align: 'right', text: ({ milliseconds }) => `${milliseconds.toFixed(0)} ms` },
];

function bytesColumn(title: string, bytes: (row: Row) => number): Column<Row> {
  return { title, align: 'right', text: (row) => formatBytes(bytes(row)) };
}
