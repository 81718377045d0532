import type { Comparison } from './comparison.js';
import type { Settings } from './settings.js';
import type { Spread } from './support/spread.js';

/** Tells that the next step of a section begins. */
export type Step = (what: string) => void;

/** One part of the benchmark, chosen by its name. */
export interface Section {
  readonly name: string;
  readonly about: string;
  /** How often {@link run} calls `step` at most. */
  steps(settings: Settings): number;
  run(settings: Settings, step: Step): Promise<SectionResult>;
}

export interface SectionResult {
  /** What was measured, as it goes to the JSON file, to the tables and into the report. */
  readonly comparisons: readonly Comparison[];
  readonly targets: readonly Target[];
}

/** A figure that the package has promised. */
export interface Target {
  readonly claim: string;
  readonly measured: number;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  readonly unit: '×' | '%' | 'MiB' | 'ns' | 'in all';
  readonly met: boolean;
  /**
   * The quartiles of the rounds, where the figure comes from one row alone or is the mean of several; what it is at least
   * and at most without one of the rounds, where it is of all rounds together.
   */
  readonly spread?: { readonly low: number; readonly high: number };
  /**
   * What hand-kept memory, or whatever else nothing of this kind can beat, has reached in the same run; what the better of
   * our modes has, where that beats it.
   */
  readonly floor?: number;
  /**
   * The figure of plain Node in the place of the package, against plain Node, or of a floor against itself: how far two
   * processes differ that do the same, or that differ in how much memory is in use.
   */
  readonly control?: number;
}

/** What a figure is to be seen beside, see {@link Target}. */
export type Beside = Pick<Target, 'floor' | 'control'>;

/** @param measured - a spread where there is one, see {@link Target.spread} */
export function target(
  claim: string,
  measured: number | Spread,
  bound: Target['bound'],
  limit: number,
  unit: Target['unit'],
  { floor, control }: { [What in keyof Beside]: Beside[What] | undefined } = {},
): Target {
  const { median, ...spread } = typeof measured === 'number' ? { median: measured } : measured;
  return {
    claim,
    measured: median,
    bound,
    limit,
    unit,
    met: reaches(median, bound, limit),
    ...('low' in spread ? { spread } : {}),
    ...(floor === undefined ? {} : { floor }),
    ...(control === undefined ? {} : { control }),
  };
}

export function reaches(figure: number, bound: Target['bound'], limit: number): boolean {
  return bound === 'at least' ? figure >= limit : figure <= limit;
}

/** How many times as good as ours the floor may be at most to excuse what ours misses, as it misses that itself. */
const NEAR_FLOOR = 1.15;

/**
 * `'out of reach'` where it is not met, the floor does not meet it either, and ours comes near the floor: what is far below it
 * has more to answer for. `'no more than noise'` where the control, which does the same twice, errs in the direction of what
 * is missed by at least as much: one that errs in the other has flattered ours.
 */
export function verdictOn(one: Target): Verdict {
  const { met, measured, floor, control, limit } = one;
  if (met) return 'met';
  if (floor !== undefined && isExcusedBy(floor, one)) return 'out of reach';
  if (control === undefined) return 'not met';
  const same = one.unit === '%' ? 0 : 1;
  const missing = timesAsGood(limit, measured, one);
  return missing <= timesAsGood(same, control, one) ? 'no more than noise' : 'not met';
}

/** Whether a floor says that what is missed cannot be had. */
export function isExcusedBy(
  floor: number,
  one: Pick<Target, 'measured' | 'bound' | 'limit' | 'unit'>,
): boolean {
  if (reaches(floor, one.bound, one.limit)) return false;
  return timesAsGood(floor, one.measured, one) <= NEAR_FLOOR;
}

/** How many times as good one figure is as another. Costs in per cent count with what they add to. */
function timesAsGood(
  figure: number,
  other: number,
  { bound, unit }: Pick<Target, 'bound' | 'unit'>,
): number {
  const ratio = timesOf(figure, unit) / timesOf(other, unit);
  return bound === 'at least' ? ratio : 1 / ratio;
}

export type Verdict = 'met' | 'not met' | 'out of reach' | 'no more than noise';

function timesOf(figure: number, unit: Target['unit']): number {
  return unit === '%' ? 1 + figure / 100 : figure;
}

/** Whether a quarter of the rounds or more say the opposite of whether it is met, or all rounds but one do. */
export function isDoubtful({ spread, met, bound, limit }: Target): boolean {
  if (spread === undefined) return false;
  return [spread.low, spread.high].some((figure) => reaches(figure, bound, limit) !== met);
}
