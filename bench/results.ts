import type { Comparison } from './comparison.js';
import type { Machine } from './machine.js';
import type { Target } from './section.js';
import type { Settings } from './settings.js';

/** What the JSON file holds. A later format has another number. */
export interface Results {
  readonly format: typeof FORMAT;
  /** One for each version of Node. */
  readonly runs: readonly Run[];
}

export const FORMAT = 1;

/** Everything that one version of Node has measured. */
export interface Run {
  readonly machine: Machine;
  readonly profile: Settings['profile'];
  readonly seconds: number;
  readonly comparisons: readonly Comparison[];
  readonly targets: readonly Target[];
}
