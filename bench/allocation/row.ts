import { pairedRatios, type Spread, spreadOf } from '../support/spread.js';
import type { Measured } from './measure.js';
import { VARIANTS, type Variant } from './variant.js';

/** One size and workload, with what the rounds come to. */
export interface Row extends Measured {
  /** Medians, for one array. */
  readonly nanoseconds: Readonly<Record<Variant, number>>;
  /** Times as fast as plain Node in the same round. */
  readonly speed: Readonly<Record<Variant, Spread>>;
  /** Time of `'exit'` over that of the floor in the same round. */
  readonly exitToFloor: Spread;
}

export function summarise(measured: Measured): Row {
  const { milliseconds, scopesPerBatch, arraysPerScope } = measured;
  const arrays = scopesPerBatch * arraysPerScope;
  return {
    ...measured,
    nanoseconds: perVariant((variant) => (spreadOf(milliseconds[variant]).median * 1e6) / arrays),
    speed: perVariant((variant) =>
      spreadOf(pairedRatios(milliseconds.plain, milliseconds[variant])),
    ),
    exitToFloor: spreadOf(pairedRatios(milliseconds.exit, milliseconds.floor)),
  };
}

function perVariant<T>(of: (variant: Variant) => T): Record<Variant, T> {
  return Object.fromEntries(VARIANTS.map((variant) => [variant, of(variant)])) as Record<
    Variant,
    T
  >;
}
