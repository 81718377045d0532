// Names only: the state lives in the CommonJS core, so that `import` and `require` share it.
import './load-core.mjs';

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
} from './index.js';
export {
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
} from './index.js';
