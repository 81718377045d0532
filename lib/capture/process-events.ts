import { EventEmitter } from 'node:events';
import { runAsCallback } from '../current-scope.js';
import { gate } from '../gate.js';
import { ObjectGetPrototypeOf, ReflectApply, SafeSet } from '../primordials.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Emit = (this: unknown, ...args: unknown[]) => unknown;

// Node tells of these in the context of the promise or error that they are about, and nothing it tells
// hooks of differs from a continuation there. The listeners are the whole program's.
const ABOUT_OTHERS = new SafeSet<unknown>([
  'multipleResolves',
  'rejectionHandled',
  'uncaughtException',
  'uncaughtExceptionMonitor',
  'unhandledRejection',
]);

const replacement = {
  emit(this: unknown, ...args: unknown[]): unknown {
    // Looked up each time, as others (domains) replace it.
    const emit = EventEmitter.prototype.emit as Emit;
    if (gate.open === 0 || !ABOUT_OTHERS.has(args[0])) return ReflectApply(emit, this, args);
    return runAsCallback(() => ReflectApply(emit, this, args));
  },
}.emit;

type Callback = (error: unknown) => unknown;

const setOriginal = process.setUncaughtExceptionCaptureCallback as (
  this: unknown,
  callback: Callback | null,
) => void;

const { setUncaughtExceptionCaptureCallback: setCallback } = {
  setUncaughtExceptionCaptureCallback(this: unknown, fn: unknown): void {
    const callback =
      typeof fn === 'function'
        ? (error: unknown) => runAsCallback(() => ReflectApply(fn, undefined, [error]))
        : fn;
    ReflectApply(setOriginal, this, [callback as Callback | null]);
  },
};

/**
 * Makes listeners of `process` for what has gone wrong callbacks. Between `process` and
 * `EventEmitter.prototype` there is an object of its own: others that give `process` an `emit` are
 * neither disturbed nor do they disturb. So is what `process.setUncaughtExceptionCaptureCallback` is given.
 */
export function patchProcessEvents(patches: Patches): void {
  disguise(replacement, EventEmitter.prototype.emit);
  patches.add(ObjectGetPrototypeOf(process), 'emit', replacement);
  // Not in workers.
  if (process.setUncaughtExceptionCaptureCallback !== undefined) {
    patches.replace(process, 'setUncaughtExceptionCaptureCallback', {
      value: disguise(setCallback, setOriginal),
    });
  }
}
