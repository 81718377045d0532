// Twice what Node takes when it starts a timer or enables a hook, of frames as small as V8 makes them when it has optimised
// this; 0.1 MB of those it begins with.
const ENOUGH_FRAMES = 1500;

/**
 * Throws a RangeError where an overflow could happen in the middle of what Node is asked to do next, which would leave it in
 * a state of its own: a broken stack of asynchronous ids, for which it ends the process, or a hook that counts as enabled
 * and is not.
 */
export function requireStack(frames = ENOUGH_FRAMES): number {
  return frames === 0 ? 0 : 1 + requireStack(frames - 1);
}
