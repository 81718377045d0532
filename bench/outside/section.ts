import { type Column, formatTable } from '../../examples/support/table.js';
import { type Loss, type Section, type SectionResult, type Target, target } from '../section.js';
import type { Settings } from '../settings.js';
import { formatNanoseconds, formatRatio } from '../support/format.js';
import { ALLOCATIONS, OPERATIONS } from './operations.js';
import { comparePairs, type Row } from './pairs.js';

const CONTROL = 'new Float64Array, 1 KB' satisfies keyof typeof ALLOCATIONS;
const MOST_PERCENT = 2;

export const outside: Section = {
  name: 'outside',
  about: 'ordinary code outside all scopes, with and without the package',

  steps(settings) {
    return [CONTROL, ...Object.keys(OPERATIONS)].reduce(
      (sum, operation) => sum + pairsFor(operation, settings),
      0,
    );
  },

  async run(settings, step): Promise<SectionResult> {
    const rows: Row[] = [];
    const compare = async (operation: string, control: boolean) => {
      const pairs = pairsFor(operation, settings);
      rows.push(await comparePairs(operation, { control, pairs, settings, step }));
    };
    await compare(CONTROL, true);
    for (const operation of Object.keys(OPERATIONS)) await compare(operation, false);
    return { rows, text: format(rows, settings), targets: targetsOf(rows), losses: lossesOf(rows) };
  },
};

// What malloc does with an array differs by several per cent between processes: a promise of two takes
// more of them.
function pairsFor(operation: string, { pairs }: Settings): number {
  return operation in ALLOCATIONS ? 3 * pairs : pairs;
}

function format(rows: readonly Row[], { pairs, turns }: Settings): string {
  return (
    `Outside all scopes: ${pairs} pairs of processes (${3 * pairs} for what is promised), of which one has loaded the package and used it before,\n` +
    `${turns} turns each, malloc keeping what it has; the control has loaded it in neither\n${formatTable(COLUMNS, rows)}`
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    title: 'operation',
    text: ({ operation, control }) => (control ? `control: ${operation}` : operation),
  },
  {
    title: 'without',
    align: 'right',
    text: ({ nanoseconds }) => formatNanoseconds(nanoseconds.without),
  },
  { title: 'with', align: 'right', text: ({ nanoseconds }) => formatNanoseconds(nanoseconds.with) },
  { title: 'with/without', align: 'right', text: ({ ratio }) => formatRatio(ratio) },
];

function targetsOf(rows: readonly Row[]): Target[] {
  return rows
    .filter(({ operation, control }) => !control && operation in ALLOCATIONS)
    .map(({ operation, ratio }) =>
      target(
        `${operation}, outside scopes: cost of the package`,
        100 * (ratio.median - 1),
        'at most',
        MOST_PERCENT,
        '%',
      ),
    );
}

function lossesOf(rows: readonly Row[]): Loss[] {
  return rows
    .filter(({ ratio, control }) => !control && ratio.median > 1)
    .map(({ operation, ratio }) => ({
      what: `${operation}, outside scopes`,
      speed: 1 / ratio.median,
      doubtful: ratio.low <= 1,
    }));
}
