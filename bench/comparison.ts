import {
  inverse,
  mapSpread,
  pairedRatios,
  type Spread,
  spreadOf,
  spreadOfRatios,
} from './support/spread.js';

/** What is counted, always in this unit. */
export type Unit = 'ns' | 'bytes' | 'per second' | 'count';

/**
 * One thing done in several variants, round by round: what every section of the benchmark gives, what the JSON file
 * holds, and what tables, the report and `bench:compare` are made from.
 */
export interface Comparison {
  /** Name of the section. */
  readonly section: string;
  /** What it stands among: a table, or a plot. `new Float64Array(n), every element written`. */
  readonly group: string;
  /** Its row there, unlike all others of the group. `8 KB`. */
  readonly name: string;
  readonly unit: Unit;
  readonly better: 'less' | 'more';
  /** The variant that the others are compared with. */
  readonly baseline: string;
  /** The variants that are this package's: where they are worse than the baseline, we lose. */
  readonly ours: readonly string[];
  /**
   * The variants that programs could use instead of this package: neither the baseline nor ours, and no floor or
   * control. Missing in files of older versions.
   */
  readonly rivals?: readonly string[];
  /**
   * The variant that is the baseline once more, in processes of its own: what differs between these two is noise. Missing
   * where there is none.
   */
  readonly control?: string;
  /** Of each variant, one value per round. Values of the same index were taken next to each other. */
  readonly rounds: Readonly<Record<string, readonly number[]>>;
  /** Of what the work gave, which is the same in all variants. */
  readonly sha256?: string;
  /** What a reader has to know about this row. */
  readonly remark?: string;
}

/** How many times as good as the baseline in the same round: above 1 is better. @throws RangeError for an unknown variant */
export function advantage(comparison: Comparison, variant: string): Spread {
  return advantageOver(comparison, variant, comparison.baseline);
}

/** {@link advantage} over any other variant. */
export function advantageOver(comparison: Comparison, variant: string, other: string): Spread {
  return spreadOfRatios(advantagesOver(comparison, variant, other));
}

/** How many times as good as the baseline a floor is, or the best of ours where that beats it: it is no floor then. */
export function floorOf(comparison: Comparison, variant: string): number {
  return Math.max(...[variant, ...comparison.ours].map((one) => advantage(comparison, one).median));
}

/** How much more than the baseline it takes in the same round, in per cent. */
export function percentMore(comparison: Comparison, variant: string): Spread {
  return percentOver(advantage(comparison, variant));
}

/** How much more than the baseline takes what is so many times as good, in per cent. */
export function percentOver(speed: Spread): Spread {
  return mapSpread(inverse(speed), (times) => 100 * (times - 1));
}

/** {@link advantage} of each round. @throws RangeError for an unknown variant */
export function advantages(comparison: Comparison, variant: string): number[] {
  return advantagesOver(comparison, variant, comparison.baseline);
}

function advantagesOver(comparison: Comparison, variant: string, other: string): number[] {
  const [mine, theirs] = [roundsOf(comparison, variant), roundsOf(comparison, other)];
  return comparison.better === 'less' ? pairedRatios(theirs, mine) : pairedRatios(mine, theirs);
}

/** The variant's own figures, in {@link Comparison.unit}. @throws RangeError for an unknown variant */
export function figures(comparison: Comparison, variant: string): Spread {
  return spreadOf(roundsOf(comparison, variant));
}

export function variantsOf({ rounds }: Comparison): string[] {
  return Object.keys(rounds);
}

function roundsOf({ rounds, name }: Comparison, variant: string): readonly number[] {
  const values = rounds[variant];
  if (values === undefined) throw new RangeError(`'${name}' has no variant '${variant}'`);
  return values;
}
