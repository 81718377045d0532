const ENOUGH_FRAMES = 200;

/**
 * Throws a RangeError where an overflow is likely in the middle of what Node is asked to do next. In a timer's start it
 * would leave Node's stack of asynchronous ids broken, for which Node ends the process.
 */
export function requireStack(frames = ENOUGH_FRAMES): number {
  return frames === 0 ? 0 : 1 + requireStack(frames - 1);
}

// 64 to 108 KB.
const AMPLE_FRAMES = 1000;

/** Whether there is stack enough to make a context and compile, in the midst of which V8 and Node report an overflow badly. */
export function isStackAmple(): boolean {
  try {
    requireStack(AMPLE_FRAMES);
    return true;
  } catch {
    return false;
  }
}
