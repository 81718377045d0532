import type { CustomSeriesRenderItemAPI } from 'echarts';
import { draw, FONT, INK, nameAxis, valueAxis, WIDTH } from './draw.js';
import type { Markup } from './html.js';
import type { Plot } from './plot.js';
import { clamp } from './scale.js';

const NAMES_WIDTH = 205;
const FIGURES_WIDTH = 150;
const BAR = 17;
const GAP = 14;
const LINE = 17;
const AXIS_HEIGHT = 30;
/** Characters of a name that fit on a line, about. */
const CHARACTERS = 28;

/** Horizontal bars with whiskers, one row for each comparison, the figures in a column on the right. */
export function drawBars(plot: Plot): Markup {
  const lines = Math.max(...plot.rows.map((row) => Math.ceil(row.length / CHARACTERS)));
  const rowHeight = Math.max(plot.variants.length * BAR, lines * LINE) + GAP;
  const height = plot.rows.length * rowHeight + AXIS_HEIGHT;
  return draw(
    {
      grid: { left: NAMES_WIDTH, right: FIGURES_WIDTH, top: 4, bottom: AXIS_HEIGHT - 4 },
      xAxis: valueAxis(plot.scale, plot.formatTick),
      yAxis: {
        ...nameAxis(plot.rows, { width: NAMES_WIDTH - 12, overflow: 'break', lineHeight: LINE }),
        inverse: true,
      },
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
      const at = (value: number) => api.coord([clamp(value, plot.scale), row]);
      const [[from], [low], [middle, centre], [high]] = [
        at(plot.origin),
        at(spread.low),
        at(spread.median),
        at(spread.high),
      ] as [number[], number[], number[], number[]] as [
        [number],
        [number],
        [number, number],
        [number],
      ];
      const y = centre + (index - (plot.variants.length - 1) / 2) * BAR;
      const rect = {
        x: Math.min(from, middle),
        y: y - 5,
        width: Math.abs(middle - from),
        height: 10,
      };
      return {
        type: 'group',
        children: [
          { type: 'rect', shape: rect, style: { fill: colour, opacity: 0.55 } },
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
