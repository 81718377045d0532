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
  /** What was measured, raw rounds included, as it goes to the JSON file. */
  readonly rows: readonly object[];
  /** The same for people. */
  readonly text: string;
  readonly targets: readonly Target[];
  readonly losses: readonly Loss[];
}

/** A figure that the package has promised. */
export interface Target {
  readonly claim: string;
  readonly measured: number;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  readonly unit: '×' | '%' | 'MiB';
  readonly met: boolean;
}

/** Something that is slower with arenas than without. */
export interface Loss {
  readonly what: string;
  /** How many times as fast as plain Node: below 1. */
  readonly speed: number;
  /** Whether a quarter of the rounds or more showed no loss. */
  readonly doubtful: boolean;
}

export function target(
  claim: string,
  measured: number,
  bound: Target['bound'],
  limit: number,
  unit: Target['unit'],
): Target {
  const met = bound === 'at least' ? measured >= limit : measured <= limit;
  return { claim, measured, bound, limit, unit, met };
}
