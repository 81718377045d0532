import type { CustomSeriesRenderItemAPI } from 'echarts';
import { draw, FONT, INK, nameAxis, valueAxis, WIDTH } from './draw.js';
import type { Markup } from './html.js';
import type { Plot } from './plot.js';
import { clamp } from './scale.js';

const NAMES_WIDTH = 215;
const FIGURES_WIDTH = 150;
const BAR = 17;
const GAP = 14;
const LINE = 17;
const AXIS_HEIGHT = 30;
/** Of a name, on a line. Counted, for without a browser the width of text is not known. */
const CHARACTERS = 26;

/** Horizontal bars with whiskers, one row for each comparison, the figures in a column on the right. */
export function drawBars(plot: Plot): Markup {
  const names = plot.rows.map(wrap);
  const lines = Math.max(...names.map((name) => name.split('\n').length));
  const rowHeight = Math.max(plot.variants.length * BAR, lines * LINE) + GAP;
  const height = plot.rows.length * rowHeight + AXIS_HEIGHT;
  return draw(
    {
      grid: { left: NAMES_WIDTH, right: FIGURES_WIDTH, top: 4, bottom: AXIS_HEIGHT - 4 },
      xAxis: valueAxis(plot.scale, plot.formatTick),
      yAxis: { ...nameAxis(names, { lineHeight: LINE }), inverse: true },
      series: plot.variants.map((variant, i) => seriesOf(plot, variant, i)),
    },
    height,
    plot.title,
  );
}

function seriesOf(plot: Plot, variant: string, index: number): object {
  const spreads = plot.spreads.get(variant) ?? [];
  const colour = plot.colours(variant);
  return {
    type: 'custom',
    name: variant,
    silent: true,
    data: spreads.flatMap((spread, row) => (spread === undefined ? [] : [[spread.median, row]])),
    renderItem: (_params: unknown, api: CustomSeriesRenderItemAPI) => {
      const row = api.value(1) as number;
      const spread = spreads[row];
      if (spread === undefined) return undefined;
      const x = (value: number) => api.coord([clamp(value, plot.scale), row])[0] as number;
      const centre = api.coord([plot.scale.min, row])[1] as number;
      const y = centre + (index - (plot.variants.length - 1) / 2) * BAR;
      const [low, middle, high] = [x(spread.low), x(spread.median), x(spread.high)];
      const from = plot.origin === undefined ? middle : x(plot.origin);
      const bar = {
        x: Math.min(from, middle),
        y: y - 5,
        width: Math.abs(middle - from),
        height: 10,
      };
      return {
        type: 'group',
        children: [
          { type: 'rect', shape: bar, style: { fill: colour, opacity: 0.55 } },
          {
            type: 'line',
            shape: { x1: low, y1: y, x2: high, y2: y },
            style: { stroke: INK, lineWidth: 1.2 },
          },
          { type: 'circle', shape: { cx: middle, cy: y, r: 4 }, style: { fill: colour } },
          {
            type: 'text',
            x: WIDTH - FIGURES_WIDTH + 14,
            y,
            style: {
              text: plot.format(spread),
              fill: INK,
              fontSize: FONT - 1,
              verticalAlign: 'middle',
            },
          },
        ],
      };
    },
    ...(index === 0 && plot.origin === 1 ? { markLine: parity('xAxis') } : {}),
  };
}

/** The line at 1, where a variant is as good as the baseline. */
export function parity(axis: 'xAxis' | 'yAxis'): object {
  return {
    silent: true,
    symbol: 'none',
    label: { show: false },
    lineStyle: { color: INK, type: 'solid', width: 1.5, opacity: 0.7 },
    data: [{ [axis]: 1 }],
  };
}

/** Breaks lines between words. */
function wrap(name: string): string {
  const lines: string[] = [];
  for (const word of name.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= CHARACTERS) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join('\n');
}
