import { type Column, formatTable } from '../../examples/support/table.js';
import type { Section, SectionResult } from '../section.js';
import type { Settings } from '../settings.js';
import { digits, formatNanoseconds } from '../support/format.js';
import { iterationsFor, OperationProcess } from '../support/operation-process.js';
import { type Spread, spreadOf } from '../support/spread.js';
import { SCOPES } from './operations.js';

const PROGRAM = require.resolve('./child.js');

interface Row {
  readonly operation: string;
  /** Nanoseconds for one, turn by turn, of each process. */
  readonly processes: readonly number[][];
  readonly nanoseconds: Spread;
}

export const scopes: Section = {
  name: 'scopes',
  about: 'what opening and leaving a scope costs',

  steps({ pairs }) {
    return Object.keys(SCOPES).length * pairs;
  },

  async run(settings, step): Promise<SectionResult> {
    const rows: Row[] = [];
    for (const operation of Object.keys(SCOPES)) {
      const processes: number[][] = [];
      for (let i = 0; i < settings.pairs; i++) {
        step(operation);
        processes.push(await runAlone(operation, settings));
      }
      const medians = processes.map((turns) => spreadOf(turns).median);
      rows.push({ operation, processes, nanoseconds: spreadOf(medians) });
    }
    const text = `Scopes, medians of ${settings.pairs} processes\n${formatTable(COLUMNS, rows)}`;
    return { rows, text, targets: [], losses: [] };
  },
};

const COLUMNS: readonly Column<Row>[] = [
  { title: 'operation', text: ({ operation }) => operation },
  {
    title: 'time',
    align: 'right',
    text: ({ nanoseconds }) => formatNanoseconds(nanoseconds.median),
  },
  {
    title: 'quartiles, ns',
    align: 'right',
    text: ({ nanoseconds: { low, high } }) => `${digits(low)}–${digits(high)}`,
  },
];

async function runAlone(operation: string, settings: Settings): Promise<number[]> {
  const child = new OperationProcess(PROGRAM, operation);
  try {
    const iterations = iterationsFor(await child.warmUp(settings), settings);
    const nanoseconds: number[] = [];
    for (let turn = 0; turn < settings.turns; turn++) nanoseconds.push(await child.run(iterations));
    return nanoseconds;
  } finally {
    child.stop();
  }
}
