import type { Comparison } from './comparison.js';
import type { Settings } from './settings.js';

/** Tells that the next step of a section begins. */
export type Step = (what: string) => void;

/** One part of the benchmark, chosen by its name. */
export interface Section {
  readonly name: string;
  readonly about: string;
  /** How often {@link run} calls `step`. */
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
  readonly unit: '×' | '%' | 'MiB' | 'ns';
  readonly met: boolean;
  /** What hand-kept memory, or whatever else nothing of this kind can beat, has reached in the same run. */
  readonly floor?: number;
}

export function target(
  claim: string,
  measured: number,
  bound: Target['bound'],
  limit: number,
  unit: Target['unit'],
  floor?: number,
): Target {
  const met = reaches(measured, bound, limit);
  return { claim, measured, bound, limit, unit, met, ...(floor === undefined ? {} : { floor }) };
}

function reaches(figure: number, bound: Target['bound'], limit: number): boolean {
  return bound === 'at least' ? figure >= limit : figure <= limit;
}

/** `'out of reach'` where it is not met, and the floor does not meet it either. */
export function verdictOn({ met, floor, bound, limit }: Target): Verdict {
  if (met) return 'met';
  return floor === undefined || reaches(floor, bound, limit) ? 'not met' : 'out of reach';
}

export type Verdict = 'met' | 'not met' | 'out of reach';
