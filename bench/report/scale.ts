/** An axis that all values fit on, with a tick at each end. */
export type Scale = LogScale | LinearScale;

export interface LogScale {
  readonly type: 'log';
  readonly min: number;
  readonly max: number;
  /** From tick to tick. */
  readonly base: number;
}

export interface LinearScale {
  readonly type: 'value';
  readonly min: number;
  readonly max: number;
  /** From tick to tick. */
  readonly interval: number;
}

// Ratios that stay within this factor are told apart better on a linear axis.
const LINEAR_RATIOS = 2.5;
// Figures: bars have to begin at 0, so only a range that would hide the small ones is worth giving that up.
const LINEAR_FIGURES = 40;
const TICKS = 6;
const BASES = [2, 4, 10, 100];

/** For ratios: 1 is always on it. */
export function ratioScale(values: readonly number[]): Scale {
  const [low, high] = rangeOf([...values, 1]);
  if (high / low > LINEAR_RATIOS) return logScale(low, high);
  // Of ratios that are all but equal, the differences must not look large.
  return linearScale(Math.min(low, 0.95), Math.max(high, 1.05), 1);
}

/** For figures in some unit: linear from 0 where that shows them all. @param unit - whose multiples are round */
export function figureScale(values: readonly number[], unit: number): Scale {
  const [low, high] = rangeOf(values);
  const linear = values.some((value) => value <= 0) || high / low <= LINEAR_FIGURES;
  return linear ? linearScale(0, high, unit) : logScale(low, high);
}

/** The value or the nearest end of the axis: a ratio of counts may be 0 or infinite. */
export function clamp(value: number, { min, max }: Scale): number {
  return Math.min(Math.max(value, min), max);
}

function logScale(low: number, high: number): LogScale {
  const base =
    BASES.find((each) => Math.log(high / low) / Math.log(each) <= TICKS) ??
    (BASES.at(-1) as number);
  const exponent = (value: number) => Math.log(value) / Math.log(base);
  return {
    type: 'log',
    min: base ** Math.floor(exponent(low)),
    max: base ** Math.ceil(exponent(high)),
    base,
  };
}

function linearScale(low: number, high: number, unit: number): LinearScale {
  const interval = roundStep((high - low) / TICKS / unit) * unit;
  const tick = (steps: number) => Number((steps * interval).toPrecision(12));
  return {
    type: 'value',
    min: tick(Math.floor(low / interval)),
    max: tick(Math.ceil(high / interval)),
    interval,
  };
}

/** 1, 2 or 5 times a power of ten, at least as large. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const leading = [1, 2, 5].find((digit) => digit * power >= step);
  return (leading ?? 10) * power;
}

function rangeOf(values: readonly number[]): [number, number] {
  const drawable = values.filter((value) => Number.isFinite(value) && value > 0);
  return drawable.length === 0 ? [1, 1] : [Math.min(...drawable), Math.max(...drawable)];
}
