import { native } from '../native.js';

/**
 * Has a new worker leave the cpu of the thread that creates it as soon as that may be known. Until it
 * loads arena-pirate itself, it is a helper among others, which C++ would find a moment later.
 */
export function watchWorkers(): void {
  process.on('worker', () => native.sweepHelpers());
}
