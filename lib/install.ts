import { syncBuiltinESMExports } from 'node:module';
import { isArenaMemoryAlive } from './alive.js';
import { patchAccessors } from './capture/accessors.js';
import { patchArrayBuffer } from './capture/array-buffer.js';
import { patchAsyncResources, patchLocks } from './capture/async-resources.js';
import { patchBuffer } from './capture/buffer.js';
import { patchByteStreams } from './capture/byte-streams.js';
import { patchDetached } from './capture/detached.js';
import { patchFilter } from './capture/filter.js';
import { patchFrom } from './capture/from-method.js';
import { patchMap } from './capture/map-method.js';
import { patchMarks } from './capture/message-marks.js';
import { patchMessages } from './capture/messages.js';
import { patchModules } from './capture/modules.js';
import { patchFunctionToString } from './capture/native-source.js';
import { findMakers } from './capture/parts.js';
import { Patches } from './capture/patches.js';
import { patchPerformanceEntries } from './capture/performance-entries.js';
import { patchProcessEvents } from './capture/process-events.js';
import { patchSlice } from './capture/slice.js';
import { patchStreams } from './capture/streams.js';
import { patchSubarray } from './capture/subarray.js';
import { patchTransfer } from './capture/transfer.js';
import { forgetReplacements, patchTypedArrays } from './capture/typed-arrays.js';
import { patchWrites } from './capture/writes.js';
import { ArenaError } from './errors.js';
import { gate } from './gate.js';
import { isInstalled, setInstalled } from './installed.js';
import { TypedArrayBase } from './intrinsics.js';
import { endUnended } from './scope.js';
import { clearArenaPool } from './trim.js';

// What makes arrays, and what belongs to scopes.
const captures = new Patches();
// What keeps code that handles an array in an arena from the memory that it shares with others, or that
// is used again. For all other arrays it does what the originals do.
const protections = new Patches();

function requireReplaceable(): void {
  if (Object.isExtensible(TypedArrayBase.prototype)) return;
  throw new ArenaError(
    'ERR_ARENA_UNSUPPORTED',
    'Built-in objects are frozen in this thread, so their methods cannot be replaced. Start Node ' +
      'without --frozen-intrinsics, or load arena-pirate before what freezes them (SES lockdown)',
  );
}

function protect(): void {
  patchFunctionToString(protections);
  patchTransfer(protections);
  patchAccessors(protections);
  patchSubarray(protections);
  patchSlice(protections);
  patchMessages(protections);
  patchMarks(protections);
  patchPerformanceEntries(protections);
  patchByteStreams(protections);
}

/**
 * Replaces the constructors and methods that arenas serve, in this thread. Loading the package has
 * done it already; this is for after {@link uninstall}. Does nothing when they are replaced.
 *
 * @throws {@link ArenaError} `ERR_ARENA_UNSUPPORTED` where built-in objects are frozen
 */
export function install(): void {
  if (isInstalled()) return;
  requireReplaceable();
  const toRestore = protections.isEmpty ? [captures, protections] : [captures];
  try {
    replaceAll();
  } catch (error) {
    for (const patches of toRestore) patches.restore();
    forgetReplacements();
    throw error;
  }
  // For those who have imported by name what Node's modules export.
  syncBuiltinESMExports();
  setInstalled(true);
}

function replaceAll(): void {
  patchArrayBuffer(captures);
  patchTypedArrays(captures);
  patchDetached(captures);
  findMakers();
  patchMap(captures);
  patchFilter(captures);
  patchFrom(captures);
  patchBuffer(captures);
  patchModules(captures);
  patchAsyncResources(captures);
  patchLocks(captures);
  patchStreams(captures);
  patchWrites(captures);
  patchProcessEvents(captures);
  if (protections.isEmpty) protect();
}

/**
 * Puts the originals back, and gives all memory that no live array uses back to the system. Code that
 * has kept a replaced constructor keeps it, and gets ordinary arrays from it.
 *
 * Arrays that still lie in arenas stay valid. As long as there are any, the methods that show, send or
 * transfer arrays (`.buffer`, `subarray`, `structuredClone` and the like) stay replaced for their sake;
 * for all others they do what plain Node does. Called again when those arrays are gone, it puts these
 * back, too; {@link copyFromArena} what is to stay.
 *
 * @throws {@link ArenaError} `ERR_ARENA_IN_USE` while a scope is open in this thread,
 *   `ERR_ARENA_CANNOT_UNINSTALL` when other code has replaced one of them since
 */
export function uninstall(): void {
  if (!isInstalled() && protections.isEmpty) return;
  endUnended();
  if (gate.open > 0) {
    throw new ArenaError(
      'ERR_ARENA_IN_USE',
      `${gate.open} arena scope(s) are open in this thread. Uninstall when they have ended`,
    );
  }
  clearArenaPool();
  const toRestore = isArenaMemoryAlive() ? [captures] : [captures, protections];
  for (const patches of toRestore) patches.requireInPlace();
  for (const patches of toRestore) patches.restore();
  forgetReplacements();
  findMakers();
  syncBuiltinESMExports();
  setInstalled(false);
}
