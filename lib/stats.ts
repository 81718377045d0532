import { collectedSource } from './collected.js';
import { Counter, counters } from './counters.js';
import { exitPool } from './exit.js';
import { native } from './native.js';
import { type NumaStats, numaStats } from './numa-stats.js';

/** What {@link stats} tells of one thread, or of all of them together. */
export interface ArenaCounters {
  /** Arenas mapped at present. */
  readonly arenas: number;
  /** Slabs at present, by what they are doing. */
  readonly slabs: {
    /**
     * Used by nothing. Those that `'exit'` scopes keep at hand are among them for the thread, but
     * among `inUse` for the process.
     */
    readonly free: number;
    /** Serving scopes. */
    readonly inUse: number;
    /** Left to the garbage collector: free when it has collected the last of their arrays. */
    readonly waiting: number;
  };
  /** Bytes at present. */
  readonly bytes: {
    /** Address space. */
    readonly mapped: number;
    /** Mapped and in memory; undefined where the kernel does not say, and for the process. */
    readonly resident: number | undefined;
    /**
     * Handed out to arrays in slabs that are in use or waiting. For the process: the size of those
     * slabs, full or not.
     */
    readonly handedOut: number;
  };
  /** Arrays, Buffers and ArrayBuffers that came from arenas so far. */
  readonly captured: number;
  /** Allocations that a scope asked for and V8 served, so far, by reason. */
  readonly fallbacks: {
    /** The pool had reached `maxBytes`. */
    readonly maxBytes: number;
    /** The kernel refused more address space. */
    readonly memory: number;
    /** Node refused the ArrayBuffer; it does so while a thread is being torn down. */
    readonly buffer: number;
    /** In an event callback, where an `'exit'` scope is not active. */
    readonly callback: number;
  };
  /**
   * Scopes so far that left arrays of up to half a slab to V8, because small ones before were nearly
   * all asked for their `.buffer`.
   */
  readonly sparedScopes: number;
  /** Collections that arena-pirate asked V8 for so far. */
  readonly collections: { readonly count: number; readonly milliseconds: number };
  /** How often a thread that had become idle gave memory back so far, and how much: see `trimAfter`. */
  readonly trims: { readonly count: number; readonly bytes: number };
  /** What the kernel refused so far; all of it is done without. */
  readonly refusals: {
    /** Mappings. */
    readonly mappings: number;
    /** Huge pages, by arena. */
    readonly hugePages: number;
    /** NUMA policies (`mbind`), by arena. */
    readonly policies: number;
    /** Names in `/proc/self/maps`, by arena. */
    readonly names: number;
    /** Arenas that had to be smaller than `arenaBytes`. */
    readonly reducedArenas: number;
  };
}

/** What {@link stats} returns. */
export interface ArenaStats {
  /** The thread that asked. */
  readonly thread: ArenaCounters;
  /** All threads; what is counted up includes threads that have ended. */
  readonly process: ArenaCounters;
  /** On which NUMA nodes the arenas of the thread that asked are. */
  readonly numa: NumaStats;
}

function read(
  slots: ArrayLike<number>,
  { idleSlabs, roomBytes, resident }: { idleSlabs: number; roomBytes: number; resident?: number },
): ArenaCounters {
  const at = (slot: Counter): number => slots[slot] as number;
  return {
    arenas: at(Counter.Arenas),
    slabs: {
      free: at(Counter.FreeSlabs) + idleSlabs,
      inUse: at(Counter.TakenSlabs) - idleSlabs,
      waiting: at(Counter.WaitingSlabs),
    },
    bytes: {
      mapped: at(Counter.MappedBytes),
      resident,
      handedOut: at(Counter.TakenBytes) + at(Counter.WaitingBytes) - roomBytes,
    },
    captured: at(Counter.Captured),
    fallbacks: {
      maxBytes: at(Counter.FallbackMaxBytes),
      memory: at(Counter.FallbackMemory),
      buffer: at(Counter.FallbackNoBuffer),
      callback: at(Counter.FallbackCallback),
    },
    sparedScopes: at(Counter.SparedScopes),
    collections: {
      count: at(Counter.Collections),
      milliseconds: at(Counter.CollectionMilliseconds),
    },
    trims: { count: at(Counter.Trims), bytes: at(Counter.TrimmedBytes) },
    refusals: {
      mappings: at(Counter.RefusedMappings),
      hugePages: at(Counter.RefusedHugePages),
      policies: at(Counter.RefusedPolicies),
      names: at(Counter.RefusedNames),
      reducedArenas: at(Counter.ReducedArenas),
    },
  };
}

/**
 * Counts of what the arenas are doing, for this thread and for the process. Takes microseconds, and
 * a few milliseconds when gigabytes are mapped, as the kernel is asked what is resident.
 */
export function stats(): ArenaStats {
  const resident = native.resident();
  const roomBytes = collectedSource.roomBytes + exitPool.roomBytes;
  return {
    thread: read(counters, {
      idleSlabs: exitPool.idleSlabs,
      roomBytes,
      ...(resident < 0 ? {} : { resident }),
    }),
    process: read(native.total(), { idleSlabs: 0, roomBytes: 0 }),
    numa: numaStats(),
  };
}
