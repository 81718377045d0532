import type { CustomSeriesRenderItemAPI } from 'echarts';
import { parity } from './bars.js';
import { draw, nameAxis, valueAxis } from './draw.js';
import type { Markup } from './html.js';
import type { Plot } from './plot.js';
import { clamp } from './scale.js';

const HEIGHT = 340;

/** A line for each variant over rows that follow each other, sizes or percentiles. */
export function drawLines(plot: Plot): Markup {
  return draw(
    {
      grid: { left: 66, right: 16, top: 14, bottom: 46 },
      // In two lines, number and unit, so that there is room for all sizes.
      xAxis: nameAxis(plot.rows.map((row) => row.replace(' ', '\n'))),
      yAxis: valueAxis(plot.scale, plot.formatTick),
      series: plot.variants.flatMap((variant, i) => seriesOf(plot, variant, i)),
    },
    HEIGHT,
    plot.title,
  );
}

function seriesOf(plot: Plot, variant: string, index: number): object[] {
  const spreads = plot.spreads.get(variant) ?? [];
  const colour = plot.colours(variant);
  const known = spreads.flatMap((spread, row) => (spread === undefined ? [] : [{ spread, row }]));
  return [
    {
      type: 'line',
      name: variant,
      silent: true,
      symbol: 'circle',
      symbolSize: 7,
      itemStyle: { color: colour },
      lineStyle: { color: colour, width: 2.2 },
      data: spreads.map((spread) => (spread ? clamp(spread.median, plot.scale) : null)),
      ...(index === 0 && plot.origin === 1 ? { markLine: parity('yAxis') } : {}),
    },
    {
      type: 'custom',
      name: variant,
      silent: true,
      data: known.map(({ spread, row }) => [row, spread.low, spread.high]),
      encode: { x: 0, y: [1, 2] },
      renderItem: (_params: unknown, api: CustomSeriesRenderItemAPI) => {
        const at = (dimension: number) =>
          api.coord([api.value(0), clamp(api.value(dimension) as number, plot.scale)]);
        const [[x, y1], [, y2]] = [at(1), at(2)] as [[number, number], [number, number]];
        const shape = { x1: x, y1, x2: x, y2 };
        return { type: 'line', shape, style: { stroke: colour, lineWidth: 2.5, opacity: 0.6 } };
      },
    },
  ];
}
