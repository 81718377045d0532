import { install } from './install.js';
import { tellStartMask } from './pinning/machine.js';
import { watchNewcomers } from './pinning/newcomers.js';
import { pinAtLoad } from './pinning/pin-at-load.js';

export { clearArenaPool, configure } from './configure.js';
export { copyFromArena, isArenaArray } from './copy.js';
export { ArenaError, type ArenaErrorCode } from './errors.js';
export type { ArenaEscape } from './escapes.js';
export { findEscapes } from './find-escapes.js';
export { install, uninstall } from './install.js';
export { type MapArenaOptions, mapArena } from './map.js';
export type { NumaStats, PagesByNode } from './numa-stats.js';
export type { ArenaConfig, ArenaOptions, Numa, Release } from './options.js';
export { mtMapArena } from './parallel/mt-map.js';
export { runLane } from './parallel/run-lane.js';
export type { ModuleTask, MtMapArenaOptions, TaskPool } from './parallel/types.js';
export {
  getAffinity,
  getCpuId,
  getNumaNode,
  isPinned,
  setAffinity,
} from './pinning/affinity.js';
export type { HelperPlacement } from './pinning/helpers.js';
export {
  type Pinning,
  type PinOptions,
  pinThreads,
  type ThreadPlacement,
  unpinThreads,
} from './pinning/pin.js';
export { core, numa, numas, socket, sockets } from './pinning/places.js';
export { planPinning } from './pinning/plan.js';
export type {
  PinningPlan,
  PinStrategy,
  Place,
  Placement,
  PlanOptions,
  StrategyName,
} from './pinning/types.js';
export { withPinnedThreads } from './pinning/with-pinned-threads.js';
export { type ArenaInfo, arena, currentArena, noArena } from './scope.js';
export { type ArenaCounters, type ArenaStats, stats } from './stats.js';
export { type FormatOptions, formatThreadInfo } from './thread-info/format.js';
export { threadInfo } from './thread-info/thread-info.js';
export type { ThreadInfo, ThreadLocation } from './thread-info/types.js';
export { type ReadTopologyOptions, readTopology } from './topology/read-topology.js';
export type { Core, CoreKind, Cpu, NumaNode, Socket, Topology } from './topology/types.js';

tellStartMask();
pinAtLoad();
watchNewcomers();
install();
