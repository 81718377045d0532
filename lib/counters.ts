import { OriginalFloat64Array } from './intrinsics.js';
import { native } from './native.js';

/** Where each of a thread's counters lies; the first ones are named in native/registry.h too. */
export const enum Counter {
  Arenas = 0,
  MappedBytes,
  FreeSlabs,
  TakenSlabs,
  TakenBytes,
  WaitingSlabs,
  WaitingBytes,
  RefusedMappings,
  RefusedHugePages,
  RefusedPolicies,
  RefusedNames,
  ReducedArenas,
  DirtyBytes,
  RunId,
  RunHome,
  Moves,
  Captured,
  Collections,
  CollectionMilliseconds,
  FallbackMaxBytes,
  FallbackMemory,
  FallbackNoBuffer,
  FallbackCallback,
  SparedScopes,
  Trims,
  TrimmedBytes,
}

/** This thread's counters: memory shared with C++, which adds up those of all threads. */
export const counters = new OriginalFloat64Array(native.counters);
