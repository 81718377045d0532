import { MathMax, MathMin, MathTrunc } from '../primordials.js';
/** What an index argument means: a position from 0 to `length`. Negative ones count from the end. */
export function position(index: unknown, length: number): number {
  const integer = MathTrunc(index as number) || 0;
  return integer < 0 ? MathMax(length + integer, 0) : MathMin(integer, length);
}

/** Whether V8 makes an integer of it without asking a user's code. */
export function isPlainIndex(index: unknown): boolean {
  return index === undefined || typeof index === 'number';
}
