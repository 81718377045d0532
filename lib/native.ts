import path from 'node:path';
import v8 from 'node:v8';
import bindings from 'bindings';
import { ArenaError } from './errors.js';
import { memoryNodes } from './memory-nodes.js';
import { type ArenaConfig, initialConfig } from './options.js';
import type { NativeThreads } from './pinning/native-threads.js';
import { isCutShort } from './whole-file.js';

/** Why there was no memory; the order is that of `Refusal` in native/pool.h. */
export const enum Refusal {
  MaxBytes = 1,
  Memory = 2,
  NoBuffer = 3,
}

/** {@link ArenaConfig.numa} where it is no id of a node; also in native/placement.h. */
const enum Home {
  Local = -1,
  Interleaved = -2,
}

/**
 * What C++ has to know of the options: arenaBytes, slabBytes, maxBytes, hugePages, where memory is to
 * lie, and the NUMA nodes there are.
 */
type PoolConfig = readonly [number, number, number, boolean, number, readonly number[]];

/** One thread's pool in C++. All sizes are in bytes. */
export interface NativePool {
  /** This thread's counters, see lib/counters.ts. */
  readonly counters: ArrayBuffer;
  /** @returns false when the slab size cannot change because arenas are mapped */
  configure(...config: PoolConfig): boolean;
  /**
   * An ArrayBuffer of `bytes` over a run of slabs of its own. Its run id, its home and the dirty
   * bytes of its first slab are then in the counters.
   *
   * @param isRetired - it is as if {@link retire} was called, for which there might be no stack
   */
  take(bytes: number, zeroed: boolean, isRetired: boolean): ArrayBuffer | Refusal;
  /** An ArrayBuffer over part of a run; whoever asks keeps the run's own buffer alive with it. */
  exact(run: number, offset: number, length: number): ArrayBuffer | undefined;
  /** A further ArrayBuffer over part of a run, which is not free before V8 has collected this one, too. */
  open(run: number, offset: number, length: number): ArrayBuffer | undefined;
  /** Makes the first bytes of a run read as zero, as far as they were marked dirty. */
  zero(run: number, bytes: number): void;
  /** The first bytes of a run have been in use. */
  markDirty(run: number, usedBytes: number): void;
  /**
   * Gives the memory of a run back, whose contents nobody needs: it then reads as zero.
   * @returns bytes that were in memory, -1 when the kernel refuses
   */
  discard(run: number): number;
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
  /** Where memory that is taken now should lie: a NUMA node, or a negative number. */
  currentHome(): number;
  /**
   * On which NUMA nodes the pool's pages are: an errno, how many pages each counted one stands for,
   * whether huge pages are known (0 or 1), then the id, the pages, and the huge pages among them, of
   * each node.
   *
   * @param limit the kernel is asked about so many pages at most
   */
  countPages(limit: number): number[];
  /** The counters of all threads added up. */
  total(): number[];
}

// See native/registry.h.
const LAYOUT = 6;

interface Addon {
  readonly layout?: number;
  attach(
    ...config: PoolConfig
  ): Partial<Pick<NativePool, 'counters'>> & Omit<NativePool, 'counters'> & NativeThreads;
}

function loadAddon(): Addon {
  if (v8.startupSnapshot?.isBuildingSnapshot()) {
    throw new ArenaError(
      'ERR_ARENA_UNSUPPORTED',
      'A startup snapshot of Node cannot hold native addons. Load arena-pirate in the function given ' +
        'to v8.startupSnapshot.setDeserializeMainFunction',
    );
  }
  const root = path.dirname(__dirname);
  const binary = path.join(root, 'build/Release/arena_pirate.node');
  try {
    if (isCutShort(binary)) throw new Error(`${binary} is cut short`);
    const addon: Addon = bindings({ bindings: 'arena_pirate', module_root: root });
    if (addon.layout === LAYOUT) return addon;
    throw new Error('it was compiled from the sources of another version');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_DLOPEN_DISABLED') {
      throw new ArenaError(
        'ERR_ARENA_UNSUPPORTED',
        'Node has been told to load no native addons. Start it without --no-addons, and with ' +
          '--allow-addons where its permission model is on',
        { cause },
      );
    }
    throw new ArenaError(
      'ERR_ARENA_NOT_BUILT',
      `The native part of arena-pirate cannot be loaded from ${root} ` +
        `(${process.platform}-${process.arch}, Node ${process.versions.node}). ` +
        'Package managers that block install scripts leave it unbuilt. Run: npx arena-pirate build',
      { cause },
    );
  }
}

/** @returns the options as C++ takes them */
export function poolConfig(config: ArenaConfig): PoolConfig {
  const { arenaBytes, slabBytes, maxBytes, hugePages, numa } = config;
  const home = { local: Home.Local, interleave: Home.Interleaved }[numa as string] ?? Number(numa);
  return [arenaBytes, slabBytes, maxBytes, hugePages, home, memoryNodes];
}

function attach(): NativePool & NativeThreads {
  const pool = loadAddon().attach(...poolConfig(initialConfig));
  if (pool.counters === undefined) {
    throw new ArenaError(
      'ERR_ARENA_UNSUPPORTED',
      'This build of Node does not allow external ArrayBuffers (Electron and other builds with ' +
        'the V8 sandbox do not). Do not load arena-pirate there; everything works without it',
    );
  }
  return pool as NativePool & NativeThreads;
}

/** This thread's pool, and the threads of the process; the only way to the binary. */
export const native: NativePool & NativeThreads = attach();
