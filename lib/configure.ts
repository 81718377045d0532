import { resetCollectBudget } from './collections.js';
import { config } from './config.js';
import { ArenaError } from './errors.js';
import { gate } from './gate.js';
import { forgetHome } from './home.js';
import { watchAnew } from './idle.js';
import { native, poolConfig } from './native.js';
import { type ArenaConfig, hasOwnMinBytes, mergeConfig } from './options.js';

/**
 * Sets defaults and limits for this thread; the rest stays as it is. The environment can set each
 * at start, for every thread: `ARENA_PIRATE_MIN_BYTES=256`, `ARENA_PIRATE_MAX_BYTES=2GiB`,
 * `ARENA_PIRATE_HUGE_PAGES=0`. A variable of another name that begins like these is a process warning.
 *
 * `minBytes: 1` puts every array that is not empty into arenas; conformance tests run like that.
 *
 * @returns all options as they are now; without an argument it changes nothing
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_OPTION` for an unknown name or an impossible value,
 *   `ERR_ARENA_IN_USE` for another `slabBytes` while arenas are mapped; nothing is changed then
 */
export function configure(changes: Partial<ArenaConfig> = {}): Readonly<ArenaConfig> {
  const next = mergeConfig(config, changes);
  if (!native.configure(...poolConfig(next))) {
    throw new ArenaError(
      'ERR_ARENA_IN_USE',
      'slabBytes can change only while no arena is mapped. Configure it before the first scope, ' +
        'or call clearArenaPool() when no array of an arena is left',
    );
  }
  // Whoever only reads the options must not put it off.
  const isTimeChanged = next.trimAfter !== config.trimAfter;
  gate.given += Number(hasOwnMinBytes(next)) - Number(hasOwnMinBytes(config));
  Object.assign(config, next);
  forgetHome();
  gate.ceiling = next.slabBytes / 2;
  // Scopes with a smaller threshold of their own may be open.
  gate.floor = gate.open > 0 ? Math.min(gate.floor, next.minBytes) : next.minBytes;
  resetCollectBudget();
  if (isTimeChanged) watchAnew();
  return { ...config };
}
