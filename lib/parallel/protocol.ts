import type { MessagePort } from 'node:worker_threads';
import type { ArenaOptions } from '../options.js';
import type { SentError } from './sent-error.js';

/** A task as workers are told of it. */
export type TaskMessage =
  | {
      readonly kind: 'module';
      /** Of the module, as `import()` takes it. */
      readonly url: string;
      /** Of the export; undefined for the default one. */
      readonly name: string | undefined;
    }
  | {
      readonly kind: 'function';
      /** An expression whose value is the function. */
      readonly source: string;
      /** Whether it is strict code, which its text does not tell. */
      readonly strict: boolean;
      /** What it takes from the global object. */
      readonly globals: readonly string[];
    };

/** Which cpu each worker of a call is to run on. */
export interface PinMessage {
  /** Of the worker that is the first to ask, the second … */
  readonly cpus: readonly number[];
  /** On shared memory: how many have asked. */
  readonly taken: Int32Array;
  /** Whether the map fails where the system does not let threads be placed. */
  readonly required: boolean;
}

/** What a worker is to do for a while: one task of piscina, whatever the number of chunks. */
export interface LaneMessage {
  /** Of the call of `mtMapArena` among those of its thread. */
  readonly call: number;
  readonly task: TaskMessage;
  readonly scope: ArenaOptions;
  readonly pin: PinMessage | undefined;
  /** Memory of a {@link Board}. */
  readonly board: Int32Array;
  readonly lane: number;
  /** Brings {@link ChunkMessage}s until it is closed, and takes a {@link ChunkReply} for each. */
  readonly chunks: MessagePort;
  /**
   * Takes {@link ResultMessage}s before the reply of their chunk; nobody is woken by them. Piscina's own
   * answer would end the worker when a result cannot be cloned, and its `move()` marks what to transfer
   * for its own copy of piscina only.
   */
  readonly results: MessagePort;
}

/** Some items for a worker. */
export interface ChunkMessage {
  readonly items: readonly unknown[];
  /** The index of the first of them among all items. */
  readonly first: number;
}

/** The result of one item. */
export interface ResultMessage {
  /** Of the item. */
  readonly index: number;
  readonly result: unknown;
}

/** What has become of a chunk. */
export type ChunkReply =
  | {
      readonly kind: 'done';
      /** The results that were not sent by themselves, by their places in the chunk. */
      readonly kept: readonly unknown[];
      /** What the items have taken. */
      readonly milliseconds: number;
    }
  /** An item failed; those after it have not been begun. */
  | { readonly kind: 'failure'; readonly index: number; readonly error: SentError }
  /** The task itself cannot be used. */
  | { readonly kind: 'refusal'; readonly error: SentError };
