import { setImmediate, setTimeout } from 'node:timers/promises';
import { arena, currentArena, install, isArenaArray, noArena, uninstall } from 'arena-pirate';
import { expect } from 'vitest';

/** Whether an array made here comes from an arena. */
export function isCaptured(): boolean {
  return isArenaArray(new Uint8Array(1000));
}

/** Fails when a scope has been left open: uninstalling is refused then. */
export function expectNoScope(): void {
  expect(currentArena()).toBeUndefined();
  expect(isCaptured()).toBe(false);
  uninstall();
  install();
}

/** What a function throws; fails when it does not. */
export function thrownBy(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('expected a throw');
}

/** A promise to be settled from outside. */
export function deferred<T = void>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

/** Waits in one of the ways that code waits: a microtask, a turn of the event loop, a timer. */
export async function waitSomehow(kind: number): Promise<void> {
  if (kind % 3 === 0) await null;
  else if (kind % 3 === 1) await setImmediate();
  else await setTimeout(kind % 4);
}

/** Every way to run something in a scope or out of all, for tests of what holds in each. */
export const openers = {
  arena: (release: 'collected' | 'exit') => (fn: () => unknown) =>
    arena(fn, { release, copyResult: false }),
  sync: (release: 'collected' | 'exit') => (fn: () => unknown) =>
    arena.sync(fn, { release, copyResult: false }),
  noArena: () => (fn: () => unknown) => noArena(fn),
};
