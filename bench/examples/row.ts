import type { Variant } from '../../examples/support/variant.js';
import { pairedRatios, type Spread, spreadOf } from '../support/spread.js';
import type { Example } from './examples.js';

/** Of each variant, round by round. */
export type Milliseconds = Readonly<Record<Variant, number[]>>;

export interface Measured {
  readonly name: Example;
  readonly input: string;
  /** Of the results, which are the same in all variants. */
  readonly sha256: string;
  readonly milliseconds: Milliseconds;
}

/** The ways of getting memory that are compared with plain Node. */
export const RIVALS = ['collected', 'exit', 'hand-kept'] as const;
type Rival = (typeof RIVALS)[number];

/** One example, with what the rounds come to. */
export interface Row extends Measured {
  /** Times as fast as plain Node in the same round. */
  readonly speed: Readonly<Record<Rival, Spread>>;
}

export function summarise(measured: Measured): Row {
  const { milliseconds } = measured;
  const speedOf = (rival: Rival): Spread =>
    spreadOf(pairedRatios(milliseconds.plain, milliseconds[rival]));
  return {
    ...measured,
    speed: {
      collected: speedOf('collected'),
      exit: speedOf('exit'),
      'hand-kept': speedOf('hand-kept'),
    },
  };
}
