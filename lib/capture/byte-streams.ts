import { isArenaArray } from '../binary.js';
import { transferCopy } from '../copy.js';
import { gate } from '../gate.js';
import { ObjectGetOwnPropertyDescriptor, ReflectApply } from '../primordials.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

// Byte streams take the ArrayBuffer of a chunk away from it and hand it on, by
// way of getters they kept before we came: they would take the whole window,
// and all arrays in it. They are given a copy.
function withCopy(method: Method, name: string): Method {
  const replacement: Record<string, Method> = {
    [name](...args) {
      const [view, ...others] = args;
      if (!gate.used || !isArenaArray(view)) return ReflectApply(method, this, args);
      return transferCopy(view as ArrayBufferView, (copy) =>
        ReflectApply(method, this, [copy, ...others]),
      );
    },
  };
  return disguise(replacement[name] as Method, method);
}

/** Replaces the methods of byte streams that are given a chunk or a view to fill. */
export function patchByteStreams(patches: Patches): void {
  for (const [{ prototype }, name] of [
    [ReadableByteStreamController, 'enqueue'],
    [ReadableStreamBYOBReader, 'read'],
    [ReadableStreamBYOBRequest, 'respondWithNewView'],
  ] as const) {
    const method = ObjectGetOwnPropertyDescriptor(prototype, name)?.value as Method;
    patches.replace(prototype, name, { value: withCopy(method, name) });
  }
}
