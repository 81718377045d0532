/** An axis that all values fit on. */
export interface Scale {
  readonly type: 'log' | 'value';
  readonly min: number;
  readonly max: number;
}

// Ratios that stay within this factor are told apart better on a linear axis.
const LINEAR_RATIOS = 2.5;
// Figures: bars have to begin at 0, so only a range that would hide the small ones is worth giving that up.
const LINEAR_FIGURES = 40;

/** For ratios: 1 is always on it. */
export function ratioScale(values: readonly number[]): Scale {
  const [low, high] = rangeOf([...values, 1]);
  if (high / low > LINEAR_RATIOS)
    return { type: 'log', min: powerBelow(low), max: powerAbove(high) };
  const room = Math.max((high - low) * 0.1, 0.02);
  const step = high - low > 0.4 ? 0.1 : 0.02;
  return {
    type: 'value',
    min: rounded(Math.floor((low - room) / step) * step),
    max: rounded(Math.ceil((high + room) / step) * step),
  };
}

/** For figures in some unit: linear from 0 where that shows them all. */
export function figureScale(values: readonly number[]): Scale {
  const [low, high] = rangeOf(values);
  const linear = values.some((value) => value <= 0) || high / low <= LINEAR_FIGURES;
  return linear
    ? { type: 'value', min: 0, max: high > 0 ? high : 1 }
    : { type: 'log', min: powerBelow(low), max: powerAbove(high) };
}

/** The value or the nearest end of the axis: a ratio of counts may be 0 or infinite. */
export function clamp(value: number, { min, max }: Scale): number {
  return Math.min(Math.max(value, min), max);
}

function rangeOf(values: readonly number[]): [number, number] {
  const drawable = values.filter((value) => Number.isFinite(value) && value > 0);
  return drawable.length === 0 ? [1, 1] : [Math.min(...drawable), Math.max(...drawable)];
}

function powerBelow(value: number): number {
  return 2 ** Math.floor(Math.log2(value));
}

function powerAbove(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
