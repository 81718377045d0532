import { deferred } from './deferred.js';
import { install } from './install.js';
import { watchNewcomers } from './pinning/newcomers.js';
import { pinAtLoad } from './pinning/pin-at-load.js';
import { warnOfVariablesWithoutEffect } from './variables.js';

export { type ArenaInfo, arena, currentArena, noArena } from './arena.js';
export { isArenaArray } from './binary.js';
export { configure } from './configure.js';
export { copyFromArena } from './copy.js';
export { ArenaError, type ArenaErrorCode } from './errors.js';
export type { ArenaEscape } from './escapes.js';
export { install, uninstall } from './install.js';
export { type MapArenaOptions, mapArena } from './map.js';
export type { NumaStats, PagesByNode } from './numa-stats.js';
export type { ArenaConfig, ArenaOptions, Numa, Release } from './options.js';
export type { ModuleTask, MtMapArenaOptions, TaskPool } from './parallel/types.js';
export type { HelperPlacement } from './pinning/helpers.js';
export type { Pinning, PinOptions, ThreadPlacement } from './pinning/pin.js';
export type {
  PinningPlan,
  PinStrategy,
  Place,
  Placement,
  PlanOptions,
  StrategyName,
} from './pinning/types.js';
export type { ArenaCounters, ArenaStats } from './stats.js';
export type { FormatOptions } from './thread-info/format.js';
export type { ThreadInfo, ThreadLocation } from './thread-info/types.js';
export type { ReadTopologyOptions } from './topology/read-topology.js';
export type {
  Core,
  CoreKind,
  Cpu,
  Die,
  LastLevelCache,
  NumaNode,
  Socket,
  Topology,
} from './topology/types.js';

const affinity = deferred<typeof import('./pinning/affinity.js')>(() =>
  require('./pinning/affinity.js'),
);
export const getAffinity = affinity('getAffinity');
export const getCpuId = affinity('getCpuId');
export const getNumaNode = affinity('getNumaNode');
export const isPinned = affinity('isPinned');
export const setAffinity = affinity('setAffinity');

const escapes = deferred<typeof import('./find-escapes.js')>(() => require('./find-escapes.js'));
export const findEscapes = escapes('findEscapes');

const format = deferred<typeof import('./thread-info/format.js')>(() =>
  require('./thread-info/format.js'),
);
export const formatThreadInfo = format('formatThreadInfo');

const topology = deferred<typeof import('./topology/read-topology.js')>(() => {
  const { tellStartMask }: typeof import('./pinning/machine.js') = require('./pinning/machine.js');
  tellStartMask();
  return require('./topology/read-topology.js');
});
export const readTopology = topology('readTopology');

const mtMap = deferred<typeof import('./parallel/mt-map.js')>(() =>
  require('./parallel/mt-map.js'),
);
export const mtMapArena = mtMap('mtMapArena');

const pinning = deferred<typeof import('./pinning/pin.js')>(() => require('./pinning/pin.js'));
export const pinThreads = pinning('pinThreads');
export const unpinThreads = pinning('unpinThreads');

const places = deferred<typeof import('./pinning/places.js')>(() => require('./pinning/places.js'));
export const core = places('core');
export const numa = places('numa');
export const numas = places('numas');
export const socket = places('socket');
export const sockets = places('sockets');

const plan = deferred<typeof import('./pinning/plan.js')>(() => require('./pinning/plan.js'));
export const planPinning = plan('planPinning');

const runLanes = deferred<typeof import('./parallel/run-lane.js')>(() =>
  require('./parallel/run-lane.js'),
);
/** For the workers of {@link mtMapArena}. */
export const runLane = runLanes('runLane');

const statistics = deferred<typeof import('./stats.js')>(() => require('./stats.js'));
export const stats = statistics('stats');

export { clearArenaPool } from './trim.js';

const threads = deferred<typeof import('./thread-info/thread-info.js')>(() =>
  require('./thread-info/thread-info.js'),
);
export const threadInfo = threads('threadInfo');

const pinned = deferred<typeof import('./pinning/with-pinned-threads.js')>(() =>
  require('./pinning/with-pinned-threads.js'),
);
export const withPinnedThreads = pinned('withPinnedThreads');

pinAtLoad();
watchNewcomers();
install();
warnOfVariablesWithoutEffect();
