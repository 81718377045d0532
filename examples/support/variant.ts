import { type ArenaOptions, arena } from 'arena-pirate';

/** How a workload gets its memory. `'hand-kept'` code reuses buffers of its own: the floor. */
export type Variant = (typeof VARIANTS)[number];
export const VARIANTS = ['plain', 'collected', 'exit', 'hand-kept'] as const;

/** The options of the scopes that an arena variant runs in. */
export const arenaOptions: Record<'collected' | 'exit', ArenaOptions> = {
  collected: { release: 'collected' },
  exit: { release: 'exit' },
};

/** Runs `fn` as it is, or in an arena scope of its own. */
export function runIn<T>(variant: 'plain' | 'collected' | 'exit', fn: () => T): T {
  return variant === 'plain' ? fn() : arena(fn, arenaOptions[variant]);
}
