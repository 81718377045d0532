import { colours } from '../examples/support/colours.js';
import { type Column, formatTable } from '../examples/support/table.js';
import type { Loss } from './losses.js';
import { isDoubtful, type Target, type Verdict, verdictOn } from './section.js';
import { digits, formatRatio } from './support/format.js';

const COLOURED: Readonly<Record<Verdict, string>> = {
  met: colours.green('met'),
  'not met': colours.red('not met'),
  'out of reach': colours.red('out of reach'),
};

const DOUBTFUL = 'Within the spread: a quarter of the rounds or more say the opposite';

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
      title: 'floor',
      align: 'right',
      text: ({ floor, unit }) => (floor === undefined ? '' : `${digits(floor)} ${unit}`),
    },
    {
      title: '',
      text: (one) => COLOURED[verdictOn(one)],
    },
    { title: '', text: (one) => (isDoubtful(one) ? 'within the spread' : '') },
  ];
  const outOfReach = targets.some((one) => verdictOn(one) === 'out of reach');
  return [
    `Targets: ${met} of ${targets.length} met`,
    formatTable(columns, targets),
    ...(targets.some(isDoubtful) ? [DOUBTFUL] : []),
    ...(outOfReach ? ['Out of reach: the floor, measured in the same run, misses it as well'] : []),
  ].join('\n');
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
