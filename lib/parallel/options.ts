import { config } from '../config.js';
import { invalidOption } from '../errors.js';
import {
  type ArenaOptions,
  checkValues,
  hasOwnMinBytes,
  requireObject,
  scopeRules,
  type ValueRule,
} from '../options.js';
import type { MtMapArenaOptions } from './types.js';

/** The options of a map, checked. */
export interface CheckedOptions extends Omit<MtMapArenaOptions, keyof ArenaOptions> {
  /** Of the scopes in the workers; what was left out is as this thread is configured. */
  readonly scope: ArenaOptions;
}

const count: ValueRule = { expected: 'an integer of 1 or more', accepts: isCount };

const RULES: Record<keyof MtMapArenaOptions, ValueRule> = {
  threads: count,
  chunk: count,
  signal: { expected: 'an AbortSignal', accepts: (value) => value instanceof AbortSignal },
  onProgress: { expected: 'a function', accepts: (value) => typeof value === 'function' },
  // Checked by planPinning.
  pin: { expected: '', accepts: () => true },
  pool: { expected: 'a Piscina', accepts: isPool },
  release: scopeRules.release,
  minBytes: scopeRules.minBytes,
  zeroFill: scopeRules.zeroFill,
};
const NAMES = Object.keys(RULES);

/** @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG`, `ERR_ARENA_INVALID_OPTION` */
export function checkOptions(options: unknown): CheckedOptions {
  requireObject(options);
  const { copyResult, ...others } = options as MtMapArenaOptions & ArenaOptions;
  if (copyResult !== undefined) {
    throw invalidOption('copyResult', 'no value (results are always copied)', copyResult);
  }
  checkValues(others, NAMES, RULES);
  const { threads, chunk, signal, onProgress, pin, pool, ...scope } = others;
  if (threads !== undefined && pool !== undefined) {
    throw invalidOption('threads', 'no value (the pool has its own)', threads);
  }
  const { release, zeroFill } = config;
  // Where nobody has said so, workers decide by what they see.
  const minBytes = scope.minBytes ?? (hasOwnMinBytes(config) ? config.minBytes : undefined);
  return {
    scope: {
      release: scope.release ?? release,
      ...(minBytes === undefined ? {} : { minBytes }),
      zeroFill: scope.zeroFill ?? zeroFill,
    },
    threads,
    chunk,
    signal,
    onProgress,
    pin,
    pool,
  };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isPool(value: unknown): boolean {
  const { run, on, off, options } = Object(value);
  const callable = [run, on, off].every((method) => typeof method === 'function');
  return callable && isCount(Object(options).maxThreads);
}
