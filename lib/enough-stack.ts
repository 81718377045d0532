const ENOUGH_FRAMES = 200;

/**
 * Throws a RangeError where an overflow is likely in the middle of what Node is asked to do next. In a timer's start it
 * would leave Node's stack of asynchronous ids broken, for which Node ends the process.
 */
export function requireStack(frames = ENOUGH_FRAMES): number {
  return frames === 0 ? 0 : 1 + requireStack(frames - 1);
}
