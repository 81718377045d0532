import path from 'node:path';
import bindings from 'bindings';
import { ArenaError } from './errors.js';
import { initialConfig } from './options.js';

/** Why there was no memory; the order is that of `Refusal` in native/pool.h. */
export const enum Refusal {
  MaxBytes = 1,
  Memory = 2,
  NoBuffer = 3,
}

/** One thread's pool in C++. All sizes are in bytes. */
export interface NativePool {
  /** This thread's counters, see lib/counters.ts. */
  readonly counters: ArrayBuffer;
  /** @returns false when the slab size cannot change because arenas are mapped */
  configure(arenaBytes: number, slabBytes: number, maxBytes: number, hugePages: boolean): boolean;
  /**
   * An ArrayBuffer of `bytes` over a run of slabs of its own. Its run id and the dirty bytes of
   * its first slab are then in the counters.
   */
  take(bytes: number, zeroed: boolean, grow: boolean): ArrayBuffer | Refusal;
  /** An ArrayBuffer over part of a run; whoever asks keeps the run's own buffer alive with it. */
  exact(run: number, offset: number, length: number): ArrayBuffer | undefined;
  /** Makes the first bytes of a run read as zero, as far as they were marked dirty. */
  zero(run: number, bytes: number): void;
  /** The first bytes of a run have been in use. */
  markDirty(run: number, usedBytes: number): void;
  /** The run is free as soon as V8 has collected its buffers. */
  retire(run: number, usedBytes: number): void;
  /** How many collections V8 is known to have run: changes whenever it has run some. */
  collections(): number;
  /** Frees what V8 has collected. Without `force` only if it has collected since last time. */
  poll(force: boolean): number;
  /** Detaches an ArrayBuffer over arena memory, as a transfer does. */
  detach(buffer: ArrayBuffer): void;
  /** Begins to watch an object without keeping it alive. @returns the watch's id */
  watch(object: object): number;
  /** Whether V8 has not collected the object yet; the watch ends when it has. */
  isAlive(id: number): boolean;
  /** Gives free memory back to the operating system. */
  trim(): number;
  /** Bytes in memory, -1 when the kernel does not say. */
  resident(): number;
  /** The counters of all threads added up. */
  total(): number[];
}

// See native/registry.h.
const LAYOUT = 2;

interface Addon {
  readonly layout?: number;
  attach(
    arenaBytes: number,
    slabBytes: number,
    maxBytes: number,
    hugePages: boolean,
  ): Partial<Pick<NativePool, 'counters'>> & Omit<NativePool, 'counters'>;
}

function loadAddon(): Addon {
  const root = path.dirname(__dirname);
  try {
    const addon: Addon = bindings({ bindings: 'arena_pirate', module_root: root });
    if (addon.layout === LAYOUT) return addon;
    throw new Error('it was compiled from the sources of another version');
  } catch (cause) {
    throw new ArenaError(
      'ERR_ARENA_NOT_BUILT',
      `The native part of arena-pirate cannot be loaded from ${root} ` +
        `(${process.platform}-${process.arch}, Node ${process.versions.node}). ` +
        'Package managers that block install scripts leave it unbuilt. Run: npx arena-pirate build',
      { cause },
    );
  }
}

function attach(): NativePool {
  const { arenaBytes, slabBytes, maxBytes, hugePages } = initialConfig;
  const pool = loadAddon().attach(arenaBytes, slabBytes, maxBytes, hugePages);
  if (pool.counters === undefined) {
    throw new ArenaError(
      'ERR_ARENA_UNSUPPORTED',
      'This build of Node does not allow external ArrayBuffers (Electron and other builds with ' +
        'the V8 sandbox do not). Do not load arena-pirate there; everything works without it',
    );
  }
  return pool as NativePool;
}

/** This thread's pool; the only way to the binary. */
export const native: NativePool = attach();
