import colours from 'picocolors';
import { type Column, formatTable } from '../examples/support/table.js';
import type { Loss, Target } from './section.js';
import { digits } from './support/format.js';

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

/** What is slower with arenas, worst first. */
export function formatLosses(losses: readonly Loss[]): string {
  if (losses.length === 0) return 'Where we lose: nowhere among what was measured';
  const columns: Column<Loss>[] = [
    { title: 'slower than plain Node', text: ({ what }) => what },
    { title: 'speed', align: 'right', text: ({ speed }) => `${digits(speed)}×` },
    {
      title: '',
      text: ({ doubtful }) => (doubtful ? 'within the spread' : ''),
    },
  ];
  const sorted = [...losses].sort((a, b) => a.speed - b.speed);
  return `Where we lose\n${formatTable(columns, sorted)}`;
}
