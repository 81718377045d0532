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
  Core,
  CoreKind,
  Cpu,
  MapArenaOptions,
  NumaNode,
  PinningPlan,
  PinStrategy,
  Place,
  Placement,
  PlanOptions,
  ReadTopologyOptions,
  Release,
  Socket,
  StrategyName,
  Topology,
} from './api.js';

export const {
  arena,
  ArenaError,
  clearArenaPool,
  configure,
  copyFromArena,
  core,
  currentArena,
  findEscapes,
  install,
  isArenaArray,
  mapArena,
  noArena,
  numa,
  numas,
  planPinning,
  readTopology,
  socket,
  sockets,
  stats,
  uninstall,
} = shared;

/** Also the type of what is thrown: a destructured class is a value only. */
export type ArenaError = InstanceType<typeof ArenaError>;
