// arena-pirate: typed arrays and Buffers of whole calls from arenas. Loading it
// replaces the constructors of this thread; arena(), in scope.ts, opens a scope.
import { shared } from './shared.js';

export type {
  ArenaConfig,
  ArenaCounters,
  ArenaErrorCode,
  ArenaEscape,
  ArenaInfo,
  ArenaOptions,
  ArenaStats,
  MapArenaOptions,
  Release,
} from './api.js';

export const {
  ArenaError,
  arena,
  clearArenaPool,
  configure,
  copyFromArena,
  currentArena,
  findEscapes,
  install,
  isArenaArray,
  mapArena,
  noArena,
  stats,
  uninstall,
} = shared;

/** Also the type of what is thrown: a destructured class is a value only. */
export type ArenaError = InstanceType<typeof ArenaError>;
