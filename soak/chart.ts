import * as echarts from 'echarts';
import type { Sample } from './samples.js';

const SIZE = { width: 1000, height: 560 };

/** An SVG of resident memory (left) and slabs (right) over time. */
export function drawChart(samples: readonly Sample[], title: string): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  const line = (name: string, value: (sample: Sample) => number, options: object) => ({
    type: 'line' as const,
    name,
    showSymbol: false,
    data: samples.map((sample) => [sample.seconds, value(sample)]),
    ...options,
  });
  const slabs = {
    yAxisIndex: 1,
    stack: 'slabs',
    areaStyle: { opacity: 0.3 },
    lineStyle: { width: 0 },
  };
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: title, left: 'center', textStyle: { fontSize: 14 } },
    legend: { bottom: 0 },
    grid: { left: 70, right: 70, top: 50, bottom: 70 },
    xAxis: { type: 'value', max: 'dataMax', name: 'seconds', nameLocation: 'middle', nameGap: 28 },
    yAxis: [
      { type: 'value', name: 'resident MiB', min: 0 },
      { type: 'value', name: 'slabs', min: 0, splitLine: { show: false } },
    ],
    series: [
      line('slabs in use', ({ slabsInUse }) => slabsInUse, slabs),
      line('slabs waiting', ({ slabsWaiting }) => slabsWaiting, slabs),
      line('slabs free', ({ slabsFree }) => slabsFree, slabs),
      line('resident MiB', ({ residentMiB }) => residentMiB, { lineStyle: { width: 2 } }),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
