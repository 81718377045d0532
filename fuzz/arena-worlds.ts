// The surroundings in which programs run again.
import { setTimeout } from 'node:timers/promises';
import type { ArenaOptions, Release } from 'arena-pirate';
import { runAsync, runSync, type World } from './environment.js';

type ArenaPirate = typeof import('arena-pirate');

const MOST_ROUNDS = 50;

/** How the package is configured for a while. */
export const CONFIGURATIONS = [
  { slabBytes: 2 ** 21, arenaBytes: 2 ** 27, collectBudget: 2 ** 25 },
  // Memory is used again soon, and large arrays are few KiB.
  { slabBytes: 2 ** 16, arenaBytes: 2 ** 20, collectBudget: 2 ** 17 },
] as const;

/** Runs programs with the package loaded, as it is from the first use of this class on. */
export class ArenaWorlds {
  readonly #package: ArenaPirate = require('arena-pirate');
  readonly #world: World;
  #soiled = 0;

  constructor() {
    const { arena, noArena } = this.#package;
    const options = (kind: Release, minBytes: number): ArenaOptions => ({
      release: kind,
      minBytes,
      copyResult: false,
    });
    this.#world = {
      nest: (kind, from, fn) =>
        kind === 'none' ? noArena(fn) : arena.sync(fn, options(kind, from)),
      nestAsync: (kind, from, fn) =>
        kind === 'none' ? noArena(fn) : arena(fn, options(kind, from)),
    };
  }

  /** Arrays that came from arenas so far. */
  get captured(): number {
    return this.#package.stats().thread.captured;
  }

  /** Gives back what is mapped, and goes on with another configuration. */
  async configure(index: number): Promise<void> {
    const { clearArenaPool, configure, stats } = this.#package;
    for (let round = 0; stats().thread.arenas > 0; round++) {
      if (round === MOST_ROUNDS) throw new Error('Arenas are still in use');
      // What timers and finished promises hold goes first.
      await setTimeout(round);
      clearArenaPool();
    }
    configure(CONFIGURATIONS[index % CONFIGURATIONS.length] as object);
  }

  /** Leaves other bytes in the memory that the next scopes get. */
  soil(): void {
    const { arena } = this.#package;
    const sizes = [70, 700, 3000, 90, 12_000];
    for (const release of ['collected', 'exit'] as const) {
      arena.sync(
        () => {
          for (const size of sizes) {
            new Uint8Array(size).fill(0xaa);
            Buffer.allocUnsafe(size).fill(0xbb);
          }
        },
        { release, copyResult: false },
      );
    }
    // Large allocations have memory of their own.
    if (this.#soiled++ % 64 === 0) {
      arena.sync(() => new Uint8Array(1_300_000).fill(0xcc), {
        release: 'exit',
        copyResult: false,
      });
    }
  }

  /** Runs a program outside all scopes. */
  outside(source: string, async: boolean): string | Promise<string> {
    return (async ? runAsync : runSync)(source, this.#world);
  }

  /** Runs a program in a scope of its own. */
  inside(source: string, async: boolean, release: Release, minBytes: number) {
    const { arena } = this.#package;
    const options = { release, minBytes, copyResult: false };
    if (async) return arena(() => runAsync(source, this.#world), options);
    return arena.sync(() => runSync(source, this.#world), options);
  }
}
