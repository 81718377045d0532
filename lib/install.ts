import { syncBuiltinESMExports } from 'node:module';
import { patchAccessors } from './capture/accessors.js';
import { patchArrayBuffer } from './capture/array-buffer.js';
import { patchAsyncResources } from './capture/async-resources.js';
import { patchBuffer } from './capture/buffer.js';
import { patchByteStreams } from './capture/byte-streams.js';
import { patchFilter } from './capture/filter.js';
import { patchMap } from './capture/map-method.js';
import { patchMarks } from './capture/message-marks.js';
import { patchMessages } from './capture/messages.js';
import { patchModules } from './capture/modules.js';
import { patchFunctionToString } from './capture/native-source.js';
import { findMakers } from './capture/parts.js';
import { Patches } from './capture/patches.js';
import { patchPerformanceEntries } from './capture/performance-entries.js';
import { patchSlice } from './capture/slice.js';
import { patchSubarray } from './capture/subarray.js';
import { patchTransfer } from './capture/transfer.js';
import { patchTypedArrays } from './capture/typed-arrays.js';
import { ArenaError } from './errors.js';
import { gate } from './gate.js';
import { isInstalled, setInstalled } from './installed.js';
import { TypedArrayBase } from './intrinsics.js';

const patches = new Patches();

function requireReplaceable(): void {
  if (Object.isExtensible(TypedArrayBase.prototype)) return;
  throw new ArenaError(
    'ERR_ARENA_UNSUPPORTED',
    'Built-in objects are frozen in this thread, so their methods cannot be replaced. Start Node ' +
      'without --frozen-intrinsics, or load arena-pirate before what freezes them (SES lockdown)',
  );
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
  patchFunctionToString(patches);
  patchArrayBuffer(patches);
  patchTransfer(patches);
  patchTypedArrays(patches);
  patchAccessors(patches);
  findMakers();
  patchSubarray(patches);
  patchMap(patches);
  patchFilter(patches);
  patchSlice(patches);
  patchBuffer(patches);
  patchModules(patches);
  patchMessages(patches);
  patchMarks(patches);
  patchPerformanceEntries(patches);
  patchByteStreams(patches);
  patchAsyncResources(patches);
  // For those who have imported by name what Node's modules export.
  syncBuiltinESMExports();
  setInstalled(true);
}

/**
 * Puts every original back. Code that has kept a replaced constructor keeps it, and gets ordinary
 * arrays from it. Arrays that still lie in arenas stay valid, but their `.buffer` and `.byteOffset`
 * then show the memory they share with others: {@link copyFromArena} first what is to stay.
 *
 * @throws {@link ArenaError} `ERR_ARENA_IN_USE` while a scope is open in this thread,
 *   `ERR_ARENA_CANNOT_UNINSTALL` when other code has replaced one of them since
 */
export function uninstall(): void {
  if (!isInstalled()) return;
  if (gate.open > 0) {
    throw new ArenaError(
      'ERR_ARENA_IN_USE',
      `${gate.open} arena scope(s) are open in this thread. Uninstall when they have ended`,
    );
  }
  patches.restore();
  syncBuiltinESMExports();
  setInstalled(false);
}
