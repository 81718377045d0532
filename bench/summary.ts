import { colours } from '../examples/support/colours.js';
import { type Column, formatTable } from '../examples/support/table.js';
import type { Defeat, Loss, Rivalry } from './losses.js';
import { isDoubtful, type Target, type Verdict, verdictOn } from './section.js';
import { digits, formatRatio } from './support/format.js';

const COLOURED: Readonly<Record<Verdict, string>> = {
  met: colours.green('met'),
  'not met': colours.red('not met'),
  'out of reach': colours.red('out of reach'),
  'no more than noise': colours.red('no more than noise'),
};

const MEANINGS: Readonly<Partial<Record<Verdict, string>>> = {
  'out of reach':
    'Out of reach: the floor, measured in the same run, misses it as well and is no more than 1.15 times as good',
  'no more than noise':
    'No more than noise: not met, but no more is missing than the control, plain Node or a floor against itself in the same ' +
    'rounds (outside scopes with as much memory held), misses of what it should be',
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
      title: 'control',
      align: 'right',
      text: ({ control, unit }) => (control === undefined ? '' : `${digits(control)} ${unit}`),
    },
    {
      title: '',
      text: (one) => COLOURED[verdictOn(one)],
    },
    { title: '', text: (one) => (isDoubtful(one) ? 'within the spread' : '') },
  ];
  const verdicts = new Set(targets.map(verdictOn));
  return [
    `Targets: ${met} of ${targets.length} met`,
    formatTable(columns, targets),
    ...(targets.some(isDoubtful) ? [DOUBTFUL] : []),
    ...Object.entries(MEANINGS).flatMap(([verdict, meaning]) =>
      verdicts.has(verdict as Verdict) ? [meaning] : [],
    ),
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

/** Of what is better than ours, what a terminal is told: the page has all of it. */
const MOST_DEFEATS = 10;

/** Where something else that programs could use is better. */
export function formatRivalry({ contested, lost, defeats }: Rivalry): string {
  const columns: Column<Defeat>[] = [
    { title: '', text: ({ comparison: { group } }) => group },
    { title: '', text: ({ comparison: { name } }) => name },
    { title: 'rival', text: ({ rival }) => rival },
    { title: 'better of ours', text: ({ variant }) => variant },
    { title: 'against the rival', align: 'right', text: (defeat) => formatRatio(defeat.advantage) },
    { title: '', text: ({ doubtful }) => (doubtful ? 'within the spread' : '') },
  ];
  const title = `In ${lost} of ${contested} rows with rivals, one of them beats the better of ours`;
  if (defeats.length === 0) return title;
  const more = defeats.length - MOST_DEFEATS;
  return [
    title,
    formatTable(columns, defeats.slice(0, MOST_DEFEATS)),
    ...(more > 0 ? [`and ${more} more, which the page tells`] : []),
  ].join('\n');
}
