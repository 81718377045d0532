import { bufferUnder } from '../binary.js';
import { copyToRun } from '../copy-bytes.js';
import { gate } from '../gate.js';
import {
  arrayBufferByteLength,
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  dataViewBufferOf,
  dataViewLengthOf,
  dataViewOffsetOf,
  FastBuffer,
  kindOf,
  lengthOf,
  OriginalDataView,
  type TypedArray,
  type TypedArrayConstructor,
  typedArrays,
} from '../intrinsics.js';
import { ArrayBufferIsView, types } from '../primordials.js';
import { isReleasedAtEnd } from '../window.js';

type View = TypedArray | DataView;

/** Whether the end of a scope takes the memory of a value away. */
export function isReleasedView(value: unknown): value is View {
  if (!gate.used || typeof value !== 'object' || !ArrayBufferIsView(value)) return false;
  const buffer = bufferUnder(value as View);
  // What is detached is for Node to refuse.
  return isReleasedAtEnd(buffer) && arrayBufferByteLength(buffer as ArrayBuffer) > 0;
}

/** The same bytes in memory that stays: for what goes on with them after the scope may have ended. */
export function copyOfView(view: View): ArrayBufferView {
  if (types.isDataView(view)) {
    const length = dataViewLengthOf(view);
    const copy = copyToRun(dataViewBufferOf(view), dataViewOffsetOf(view), length);
    return new OriginalDataView(copy, 0, length);
  }
  const copy = copyToRun(bufferOf(view), byteOffsetOf(view), byteLengthOf(view));
  const kind = kindOf(view) as string;
  // What is no Buffer becomes one.
  const Original = kind === 'Uint8Array' ? FastBuffer : typedArrays.get(kind);
  return new (Original as TypedArrayConstructor)(copy, 0, lengthOf(view));
}

/** What may be kept longer than the scope: `value`, or a copy of it. */
export function lasting(value: unknown): unknown {
  return isReleasedView(value) ? copyOfView(value) : value;
}
