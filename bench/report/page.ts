import { type Comparison, variantsOf } from '../comparison.js';
import { factsOf, isBusy } from '../machine.js';
import { gapsIn, type Results, type Run } from '../results.js';
import { type Colours, coloursFor } from './colours.js';
import { explain } from './explanations.js';
import { html, type Markup } from './html.js';
import { describePlot, drawnVariants, plotGroup } from './plot.js';
import { STYLE } from './style.js';
import { figuresTable, lossesTable, rivalsTable, targetsTable } from './tables.js';

/** One HTML page that needs nothing else, neither scripts nor files nor a network. */
export function renderPage({ runs, missing = [] }: Results): string {
  const all = runs.flatMap(({ comparisons }) => comparisons);
  const colours = coloursFor(all.flatMap(variantsOf));
  const sections = [...new Set(all.map(({ section }) => section))];
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>arena-pirate: benchmarks</title>
${STYLE}
</head>
<body><main${runs.length > 1 ? html` class="several"` : ''}>
<h1>arena-pirate against plain Node</h1>
${runs.map(verdict)}${missing.map((major) => html`<p class="busy"><strong>Node ${major}</strong> is missing: it gave nothing.</p>\n`)}
<nav aria-label="Parts of this page"><ul>${[
    ['machine', 'Machine'],
    ['reading', 'How to read this'],
    ['targets', 'Targets'],
    ...sections.map((name) => [`section-${name}`, titleOf(name)] as const),
    ['losses', 'Where we lose'],
  ].map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<h2 id="machine">Machine</h2>
${perRun(runs, machineOf)}
<h2 id="reading">How to read this</h2>
${READING}
<h2 id="targets">Targets</h2>
${perRun(runs, ({ targets }) => (targets.length === 0 ? html`<p>None of the parts that ran has a target.</p>` : targetsTable(targets)))}
${sections.map((section) => sectionOf(section, runs, colours))}
<h2 id="losses">Where we lose</h2>
${perRun(runs, ({ comparisons }) => html`${lossesTable(comparisons)}\n${rivalsTable(comparisons)}`)}
</main></body>
</html>
`.text;
}

const READING = html`
<p>Everything is compared in the same run on the same machine: the variants of a row take turns, in one process or in processes that run alternately, and each round gives one value of each. A ratio is made from values of the same round, so that what slows the machine for a while slows both. What is told is the <strong>median of these ratios and, in brackets or as whiskers, their quartiles</strong>: half of the rounds lie between them. 2× is twice as good as the baseline, whether good means less time, less memory or more requests; 1× is the same; below 1× is worse. Absolute figures are for orientation: they hold for this machine only.</p>
<dl>
<dt>plain, without</dt><dd>Node as it is: the baseline.</dd>
<dt>plain again, without again</dt><dd>the same in a process of its own, the control: how far two processes differ that do the same.</dd>
<dt>without, memory held</dt><dd>the same with as much in memory, ArrayBuffers and objects, as with the package: what any of that costs.</dd>
<dt>collected</dt><dd>arenas with <code>release: 'collected'</code>, the default: memory is used again once V8 has collected every array in it.</dd>
<dt>exit</dt><dd>arenas with <code>release: 'exit'</code>: memory is used again when the scope ends, on the caller's word that nothing of it is used later.</dd>
<dt>floor, hand-kept</dt><dd>memory that the program keeps itself: the best that can be had.</dd>
<dt>walked floor</dt><dd>the same where only a collection tells what is dead: 8 MB walked through, then a collection of the young generation, and again from the start.</dd>
<dt>floor again</dt><dd>the floor in a process of its own, the control of what is compared with it.</dd>
<dt>stand-in</dt><dd>plain Node, whose function is replaced by one that does nothing but call it: the floor of what Node is to make in scopes, too.</dd>
<dt>with</dt><dd>the package is loaded and not used.</dd>
</dl>`;

function verdict(run: Run): Markup {
  const { machine, targets, profile, seconds } = run;
  const met = targets.filter((one) => one.met).length;
  const gaps = gapsIn(run).map((gap) => html`<p class="busy">Not whole. ${gap}</p>\n`);
  return html`<p><strong>Node ${machine.node}</strong>: ${met} of ${targets.length} targets met, ${profile} run of ${Math.round(seconds)} s, ${machine.date.slice(0, 10)}, arena-pirate ${machine.arenaPirate}.</p>\n${gaps}`;
}

function machineOf({ machine }: Run): Markup {
  return html`<dl>${factsOf(machine).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
${isBusy(machine) ? html`<p class="busy">Other programs kept this machine busy: do not rely on the figures.</p>` : undefined}`;
}

/** One after the other, under its version where there are several. */
function perRun(runs: readonly Run[], render: (run: Run) => Markup): Markup {
  if (runs.length === 1) return render(runs[0] as Run);
  return html`<div class="runs">${runs.map((run) => html`<section><h3>Node ${run.machine.node}</h3>${render(run)}</section>\n`)}</div>`;
}

function sectionOf(section: string, runs: readonly Run[], colours: Colours): Markup {
  const groups = new Set(
    runs.flatMap(({ comparisons }) =>
      comparisons.filter((one) => one.section === section).map(({ group }) => group),
    ),
  );
  return html`<section aria-labelledby="section-${section}"><h2 id="section-${section}">${titleOf(section)}</h2>
<p>${explain(section)}</p>
${[...groups].map((group) => groupOf(section, group, runs, colours))}</section>\n`;
}

function groupOf(section: string, group: string, runs: readonly Run[], colours: Colours): Markup {
  const rowsOf = ({ comparisons }: Run): Comparison[] =>
    comparisons.filter((one) => one.section === section && one.group === group);
  const figures = runs
    .filter((run) => rowsOf(run).length > 0)
    .map((run) => figureOf(rowsOf(run), group, runs.length > 1 ? run.machine.node : '', colours));
  return html`<h3>${group}</h3><div class="runs">${figures}</div>\n`;
}

function figureOf(
  rows: readonly Comparison[],
  group: string,
  node: string,
  colours: Colours,
): Markup {
  const version = node === '' ? '' : `Node ${node}: `;
  const legend = drawnVariants(rows).map(
    (variant) => html`<li><i style="background:${colours(variant)}"></i>${variant}</li>`,
  );
  return html`<figure><figcaption>${version}${describePlot(rows)}<ul class="legend">${legend}</ul></figcaption>
<div class="plot">${plotGroup(rows, `${version}${group}`, colours)}</div>
${figuresTable(rows)}</figure>\n`;
}

function titleOf(section: string): string {
  return section.charAt(0).toUpperCase() + section.slice(1);
}
