import { config } from '../config.js';
import { invalidOption } from '../errors.js';
import { type ArenaOptions, checkScopeOptions, requireObject } from '../options.js';
import type { MtMapArenaOptions } from './types.js';

/** The options of a map, checked. */
export interface CheckedOptions extends Omit<MtMapArenaOptions, keyof ArenaOptions> {
  /** Of the scopes in the workers; what was left out is as this thread is configured. */
  readonly scope: ArenaOptions;
}

/** @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG`, `ERR_ARENA_INVALID_OPTION` */
export function checkOptions(options: unknown): CheckedOptions {
  requireObject(options);
  const { threads, chunk, signal, onProgress, pin, pool, ...scope } = options as MtMapArenaOptions;
  check('threads', 'an integer of 1 or more', threads, isCount);
  check('chunk', 'an integer of 1 or more', chunk, isCount);
  check('signal', 'an AbortSignal', signal, (value) => value instanceof AbortSignal);
  check('onProgress', 'a function', onProgress, (value) => typeof value === 'function');
  check('pool', 'a Piscina', pool, isPool);
  check('threads', 'no value (the pool has its own)', threads, () => pool === undefined);
  check('copyResult', 'no value (results are always copied)', Reflect.get(scope, 'copyResult'));
  checkScopeOptions(scope);
  const { release, minBytes, zeroFill } = config;
  return {
    scope: {
      release: scope.release ?? release,
      minBytes: scope.minBytes ?? minBytes,
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

function check(
  name: string,
  expected: string,
  value: unknown,
  accepts: (value: unknown) => boolean = () => false,
): void {
  if (value !== undefined && !accepts(value)) throw invalidOption(name, expected, value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isPool(value: unknown): boolean {
  const { run, on, off, options } = Object(value);
  const callable = [run, on, off].every((method) => typeof method === 'function');
  return callable && isCount(Object(options).maxThreads);
}
