import { colours } from '../examples/support/colours.js';
import { type Column, formatTable } from '../examples/support/table.js';
import type { Loss } from './losses.js';
import type { Target } from './section.js';
import { digits, formatRatio } from './support/format.js';

/** The promises, each with its figure. */
export function formatTargets(targets: readonly Target[]): string {
  const met = targets.filter((one) => one.met).length;
  const columns: Column<Target>[] = [
    { title: 'target', text: ({ claim }) => claim },
    {
      title: 'wanted',
      align: 'right',
      text: ({ bound, limit, unit }) => `${bound} ${limit} ${unit}`,
    },
    {
      title: 'measured',
      align: 'right',
      text: ({ measured, unit }) => `${digits(measured)} ${unit}`,
    },
    {
      title: '',
      text: (one) => (one.met ? colours.green('met') : colours.red('not met')),
    },
  ];
  return `Targets: ${met} of ${targets.length} met\n${formatTable(columns, targets)}`;
}

/** Where we lose, or else come closest to it. */
export function formatLosses(losses: readonly Loss[]): string {
  const columns: Column<Loss>[] = [
    { title: '', text: ({ comparison: { group } }) => group },
    { title: '', text: ({ comparison: { name } }) => name },
    { title: '', text: ({ variant }) => variant },
    { title: 'against plain Node', align: 'right', text: (loss) => formatRatio(loss.advantage) },
    { title: '', text: ({ doubtful }) => (doubtful ? 'within the spread' : '') },
  ];
  const title = losses.some(({ advantage }) => advantage.median < 1)
    ? 'Where we lose'
    : 'We lose nowhere among what was measured; we gain least here';
  return `${title}\n${formatTable(columns, losses)}`;
}
