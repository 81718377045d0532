import { types } from 'node:util';
import { BroadcastChannel, MessagePort } from 'node:worker_threads';
import { copyMessage } from '../copy.js';
import { gate } from '../gate.js';
import { native } from '../native.js';
import { ownerOf } from '../window.js';
import { disguise } from './native-source.js';
import type { Patches } from './patches.js';

// The serializer sees an array's whole ArrayBuffer: for an array on a window
// that is 2 MiB with other people's bytes. It is given exact copies instead.

type Send = (this: unknown, message: unknown, options?: unknown) => unknown;

function transferListOf(options: unknown): readonly object[] {
  const list = Array.isArray(options)
    ? options
    : (options as { transfer?: unknown } | null | undefined)?.transfer;
  return Array.isArray(list) ? list : [];
}

function withTransferList(options: unknown, transfer: object[]): unknown {
  if (Array.isArray(options) || transfer.length === 0)
    return transfer.length > 0 ? transfer : options;
  return { ...(options as object), transfer };
}

/** Sends by `send`, with what lies in arenas copied, and what was to be transferred detached. */
function sendCopies(send: Send, self: unknown, message: unknown, options: unknown): unknown {
  const transfer = transferListOf(options);
  const [copy, copies] = copyMessage(message, transfer);
  if (copy === message && copies.every((item, i) => item === transfer[i])) {
    return Reflect.apply(send, self, [message, options]);
  }
  const result = Reflect.apply(send, self, [copy, withTransferList(options, copies)]);
  for (const item of transfer) {
    if (types.isArrayBuffer(item) && ownerOf(item) !== undefined) native.detach(item);
  }
  return result;
}

function patchSender(patches: Patches, holder: object, name: string): void {
  const send = Object.getOwnPropertyDescriptor(holder, name)?.value as Send;
  const replacement: Record<string, Send> = {
    // Node tells a missing argument from undefined.
    [name](...args: unknown[]) {
      if (!gate.used || args.length === 0) return Reflect.apply(send, this, args);
      return sendCopies(send, this, args[0], args[1]);
    },
  };
  patches.replace(holder, name, { value: disguise(replacement[name] as Send, send) });
}

/** Replaces `structuredClone` and the `postMessage` of ports, workers and channels. */
export function patchMessages(patches: Patches): void {
  patchSender(patches, globalThis, 'structuredClone');
  patchSender(patches, MessagePort.prototype, 'postMessage');
  patchSender(patches, BroadcastChannel.prototype, 'postMessage');
}
