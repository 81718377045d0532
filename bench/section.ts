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
  /** What hand-kept memory, or whatever else nothing of this kind can beat, has reached in the same run. */
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

/**
 * `'out of reach'` where it is not met, and the floor does not meet it either; `'no more than noise'` where no more is missing
 * than what does the same twice differs from itself, whichever way.
 */
export function verdictOn(one: Target): Verdict {
  const { met, measured, unit, floor, control, bound, limit } = one;
  if (met) return 'met';
  if (floor !== undefined && !reaches(floor, bound, limit)) return 'out of reach';
  if (control === undefined) return 'not met';
  const missing = Math.abs(Math.log(timesOf(measured, unit) / timesOf(limit, unit)));
  const noise = Math.abs(Math.log(timesOf(control, unit)));
  return missing <= noise ? 'no more than noise' : 'not met';
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
