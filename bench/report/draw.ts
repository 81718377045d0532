import * as echarts from 'echarts';
import { escapeHtml, Markup } from './html.js';
import type { Scale } from './scale.js';

export const WIDTH = 720;
export const FONT = 13;
/** Text in the colour of the page around the chart, so that it reads on light and on dark. */
export const INK = 'currentColor';
export const GRID = 'rgba(128, 128, 128, 0.3)';

/** An SVG that scales with the page. @param title - what it shows, for readers who do not see it */
export function draw(option: echarts.EChartsCoreOption, height: number, title: string): Markup {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({ animation: false, backgroundColor: 'transparent', ...option });
  const svg = chart.renderToSVGString({ useViewBox: true });
  chart.dispose();
  const opening =
    `<svg role="img" aria-label="${escapeHtml(title)}" viewBox="0 0 ${WIDTH} ${height}" ` +
    `xmlns="http://www.w3.org/2000/svg"><title>${escapeHtml(title)}</title>`;
  // Of what echarts puts there, sizes in pixels and a white background would not go with the page.
  return new Markup(svg.replace(/^<svg[^>]*>/, opening));
}

/** An axis of values. @param format - for its labels */
export function valueAxis(scale: Scale, format: (value: number) => string): object {
  const { type, min, max } = scale;
  return {
    type,
    min,
    max,
    ...(scale.type === 'log' ? { logBase: scale.base } : { interval: scale.interval }),
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: INK, fontSize: FONT - 1, formatter: format, hideOverlap: true },
    splitLine: { lineStyle: { color: GRID } },
  };
}

/** An axis of names. */
export function nameAxis(names: readonly string[], label: object = {}): object {
  return {
    type: 'category',
    data: names,
    axisLine: { lineStyle: { color: GRID } },
    axisTick: { show: false },
    axisLabel: { color: INK, fontSize: FONT, interval: 0, ...label },
  };
}
