import { advantage, type Comparison, figures, variantsOf } from '../comparison.js';
import { type Defeat, lossesOf, rivalryOf } from '../losses.js';
import { isDoubtful, type Target, type Verdict, verdictOn } from '../section.js';
import { digits, formatFigure, formatRatio } from '../support/format.js';
import { groupBy } from '../support/group-by.js';
import { html, type Markup } from './html.js';

/** All figures of a group, folded away, with the remarks on its rows. */
export function figuresTable(rows: readonly Comparison[]): Markup {
  const variants = [...new Set(rows.flatMap(variantsOf))];
  const remarks = [...groupBy(rows, ({ remark }) => remark)].filter(([text]) => text !== undefined);
  return html`<details><summary>Figures</summary><div class="wide"><table>
<thead><tr><th scope="col"></th>${variants.map((name) => html`<th scope="col" class="number">${name}</th>`)}<th scope="col" class="number">rounds</th></tr></thead>
<tbody>${rows.map((row) => figuresRow(row, variants))}</tbody>
</table></div></details>
${remarks.map(([text, about]) => html`<p class="remark">${about.length === rows.length ? '' : `${about.map(({ name }) => name).join(', ')}: `}${text}</p>`)}`;
}

function figuresRow(row: Comparison, variants: readonly string[]): Markup {
  const cell = (variant: string): Markup => {
    if (row.rounds[variant] === undefined) return html`<td></td>`;
    const figure = formatFigure(figures(row, variant).median, row.unit);
    const ratio = variant === row.baseline ? undefined : formatRatio(advantage(row, variant));
    return html`<td class="number">${figure}${ratio && html`<br><small>${ratio}</small>`}</td>`;
  };
  const rounds = Math.max(...Object.values(row.rounds).map(({ length }) => length));
  return html`<tr><th scope="row">${row.name}</th>${variants.map(cell)}<td class="number">${rounds}</td></tr>\n`;
}

const SIGNS: Readonly<Record<Verdict, string>> = {
  met: '✓ met',
  'not met': '✗ not met',
  'out of reach': '✗ out of reach',
  'no more than noise': '✗ no more than noise',
};

/** The promises, each with its figure. */
export function targetsTable(targets: readonly Target[]): Markup {
  const row = (one: Target): Markup => {
    const { claim, bound, limit, unit, measured, met, floor, control } = one;
    const figure = (value: number | undefined) =>
      value === undefined ? '' : `${digits(value)} ${unit}`;
    return html`<tr><th scope="row">${claim}</th><td class="number">${bound} ${limit} ${unit}</td><td class="number">${figure(measured)}</td><td class="number">${figure(floor)}</td><td class="number">${figure(control)}</td><td class="${met ? 'met' : 'missed'}">${SIGNS[verdictOn(one)]}</td><td>${isDoubtful(one) ? 'within the spread' : ''}</td></tr>\n`;
  };
  return html`<p>The floor is what memory that is kept by hand reaches in the same run, or whatever else nothing of this kind can beat. A floor that one of ours beats is none; the best of ours stands in its place. Out of reach is what the floor misses as well, and is no more than 1.15 times as good as ours. The control is the figure of plain Node in the place of the package, or of another floor in that of the floor, in processes of its own: how far two processes differ that do the same, or, outside scopes, that differ in how much memory they hold. "No more than noise" is what is not met, where no more is missing than the control is worse than what it should equal; a control that is better excuses nothing. Rows that miss what they should reach are measured again, in new processes and beside a control, and only that counts. "Within the spread" means that a quarter of the rounds or more say the opposite.</p>
<div class="wide"><table>
<thead><tr><th scope="col">target</th><th scope="col" class="number">wanted</th><th scope="col" class="number">measured</th><th scope="col" class="number">floor</th><th scope="col" class="number">control</th><th scope="col"></th><th scope="col"></th></tr></thead>
<tbody>${targets.map(row)}</tbody></table></div>`;
}

/** Where we lose, or else come closest to it. */
export function lossesTable(comparisons: readonly Comparison[]): Markup {
  const losses = lossesOf(comparisons);
  if (losses.length === 0) return html`<p>Nothing of ours was measured against plain Node.</p>`;
  const loses = losses.some(({ advantage: { median } }) => median < 1);
  const row = ({
    comparison,
    variant,
    advantage: spread,
    doubtful,
  }: (typeof losses)[number]): Markup =>
    html`<tr><th scope="row">${comparison.group}: ${comparison.name}</th><td>${variant}</td><td class="number">${formatRatio(spread)}</td><td>${doubtful ? 'within the spread' : ''}</td></tr>\n`;
  const intro = loses
    ? 'Everything of ours that came out worse than its baseline, worst first. Below 1× is a loss; "within the spread" means that a quarter of the rounds or more showed none.'
    : 'Nothing measured here came out worse than its baseline. These come closest to it.';
  return html`<p>${intro}</p><div class="wide"><table>
<thead><tr><th scope="col">what</th><th scope="col">variant</th><th scope="col" class="number">against the baseline</th><th scope="col"></th></tr></thead>
<tbody>${losses.map(row)}</tbody></table></div>`;
}

/** Where something else that programs could use is better than ours. */
export function rivalsTable(comparisons: readonly Comparison[]): Markup {
  const { contested, lost, defeats } = rivalryOf(comparisons);
  if (contested === 0) return html`<p>No row here has rivals on record.</p>`;
  const row = ({ comparison, rival, variant, advantage: spread, doubtful }: Defeat): Markup =>
    html`<tr><th scope="row">${comparison.group}: ${comparison.name}</th><td>${rival}</td><td>${variant}</td><td class="number">${formatRatio(spread)}</td><td>${doubtful ? 'within the spread' : ''}</td></tr>\n`;
  const intro = html`<p>In ${lost} of ${contested} rows with rivals, one of them beats the better of ours. Rivals are what programs could use instead: pools of typed arrays, and plain Node under another malloc, with malloc tuned or with another young generation.${defeats.length > 0 ? ' Each that is better is here, worst first, with the one of ours that comes closest to it.' : ''}</p>`;
  if (defeats.length === 0) return intro;
  return html`${intro}<div class="wide"><table>
<thead><tr><th scope="col">what</th><th scope="col">rival</th><th scope="col">better of ours</th><th scope="col" class="number">against the rival</th><th scope="col"></th></tr></thead>
<tbody>${defeats.map(row)}</tbody></table></div>`;
}
