import perfHooks from 'node:perf_hooks';
import { isArenaMemoryAlive } from '../alive.js';
import { serializable } from '../message.js';
import {
  ObjectCreate,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  ObjectKeys,
  ReflectApply,
  ReflectConstruct,
} from '../primordials.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

// Looks at the options when Node does, and no more often.
function readableDetail(options: object): object {
  const forwarded: PropertyDescriptorMap = {};
  for (const key of ObjectKeys(options)) {
    forwarded[key] = { get: () => (options as Record<string, unknown>)[key], enumerable: true };
  }
  const detail = () => serializable((options as { detail?: unknown }).detail);
  const enumerable = ObjectHasOwn(forwarded, 'detail');
  return ObjectCreate(options, { ...forwarded, detail: { get: detail, enumerable } });
}

// The detail of an entry is cloned by a function that Node keeps to itself.
function withReadableDetail(args: unknown[]): unknown[] {
  const [name, options, ...others] = args;
  if (typeof options !== 'object' || options === null || !isArenaMemoryAlive()) return args;
  return [name, readableDetail(options), ...others];
}

function recording(record: Method): Method {
  return function (this: unknown, ...args) {
    return ReflectApply(record, this, withReadableDetail(args));
  };
}

// Not a function: it has to be a class in every respect, and nobody counts the time it takes.
function patchPerformanceMark(patches: Patches): void {
  const { PerformanceMark: Original } = perfHooks;
  const Replacement: typeof Original = new Proxy(Original, {
    construct(_, args, newTarget) {
      const target = newTarget === Replacement ? Original : newTarget;
      return ReflectConstruct(Original, withReadableDetail(args), target);
    },
  });
  disguise(Replacement, Original);
  patches.replace(perfHooks, 'PerformanceMark', { value: Replacement });
  patches.replace(Original.prototype, 'constructor', { value: Replacement });
  // Where it is a getter (Node 20), that looks into the module at its first call.
  if (ObjectGetOwnPropertyDescriptor(globalThis, 'PerformanceMark')?.get === undefined) {
    patches.replace(globalThis, 'PerformanceMark', { value: Replacement });
  }
}

/** Replaces what makes performance entries with a detail: `mark`, `measure` and `PerformanceMark`. */
export function patchPerformanceEntries(patches: Patches): void {
  const entries = ObjectGetPrototypeOf(perfHooks.performance) as object;
  for (const name of ['mark', 'measure']) {
    const original = ObjectGetOwnPropertyDescriptor(entries, name)?.value as Method;
    patches.replace(entries, name, { value: disguise(recording(original), original) });
  }
  patchPerformanceMark(patches);
}
