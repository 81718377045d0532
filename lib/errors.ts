import { ObjectGetPrototypeOf } from './primordials.js';

/** The codes of the errors that arena-pirate throws, and what each means. */
const MESSAGES = {
  ERR_ARENA_INVALID_OPTION: 'an option has an unknown name or an impossible value',
  ERR_ARENA_INVALID_ARG: 'an argument has the wrong type',
  ERR_ARENA_NOT_BUILT: 'the native part is missing or does not fit this machine',
  ERR_ARENA_UNSUPPORTED: 'this platform, or Node as built or started, cannot do what was asked',
  ERR_ARENA_DUPLICATE: 'another, incompatible copy of the package is already installed',
  ERR_ARENA_NOT_INSTALLED: 'the constructors are not replaced at present',
  ERR_ARENA_CANNOT_UNINSTALL: 'somebody else has replaced a constructor since',
  ERR_ARENA_IN_USE: 'what was asked is possible only while nothing is in use',
  ERR_ARENA_SYNC_PROMISE: 'a synchronous scope was given an asynchronous function',
  ERR_ARENA_TASK_FAILED: 'a task threw, or its item or result cannot be sent to another thread',
  ERR_ARENA_TASK_NOT_LOADED: 'the module of a task or the export in it cannot be loaded',
  ERR_ARENA_TASK_NOT_PORTABLE: 'a function means nothing, or something else, in another thread',
  ERR_ARENA_WORKER_DIED: 'a worker thread ended before its tasks did',
} as const;

/** The `code` of an {@link ArenaError}. */
export type ArenaErrorCode = keyof typeof MESSAGES;

interface ArenaErrorOptions extends ErrorOptions {
  readonly index?: number;
  readonly promise?: PromiseLike<unknown>;
}

/** Every error that arena-pirate itself raises; tell them apart by {@link ArenaError.code}. */
export class ArenaError extends Error {
  override readonly name = 'ArenaError';
  /** What went wrong, stable across releases. */
  readonly code: ArenaErrorCode;
  /** Which item it was, counted from 0, where an error is about one; other errors lack the property. */
  declare readonly index?: number;
  /**
   * The promise or thenable that the function given to `arena.sync` has returned, on
   * `ERR_ARENA_SYNC_PROMISE` only: what it rejects with is unhandled unless somebody handles it. It may
   * resolve to arrays of the scope, which has ended: after `'exit'` they must not be used.
   */
  declare readonly promise?: PromiseLike<unknown>;

  /** @internal */
  constructor(code: ArenaErrorCode, detail: string, options?: ArenaErrorOptions) {
    super(`${detail} [${code}: ${MESSAGES[code]}]`, options);
    this.code = code;
    if (options?.index !== undefined) this.index = options.index;
    if (options?.promise !== undefined) this.promise = options.promise;
  }
}

/** How a value is shown in "Expected X for NAME but received V". */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}' of type string`;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value === 'object' && value !== null) {
    return `an instance of ${value.constructor?.name ?? 'Object'}`;
  }
  if (value === undefined || value === null) return String(value);
  return `${String(value)} of type ${typeof value}`;
}

/** @returns the error for a value that `name` cannot have */
export function invalidOption(name: string, expected: string, value: unknown): ArenaError {
  return new ArenaError(
    'ERR_ARENA_INVALID_OPTION',
    `Expected ${expected} for ${name} but received ${describe(value)}`,
  );
}

/** @returns the error for an argument that is not what was expected */
export function invalidArgument(name: string, expected: string, value: unknown): ArenaError {
  return new ArenaError(
    'ERR_ARENA_INVALID_ARG',
    `Expected ${expected} for ${name} but received ${describe(value)}`,
  );
}

const GENERATORS = [function* () {}, async function* () {}].map(ObjectGetPrototypeOf);

/** Throws unless `fn` can be called and then runs: a generator function begins when its result is gone through. */
export function requireRunning(name: string, fn: unknown): void {
  requireFunction(name, fn);
  const prototype: unknown = ObjectGetPrototypeOf(fn);
  if (prototype !== GENERATORS[0] && prototype !== GENERATORS[1]) return;
  throw new ArenaError(
    'ERR_ARENA_INVALID_ARG',
    `Expected a function that runs when it is called for ${name} but received a generator function, which ` +
      'runs when the scope has ended. Open the scope in it, or around what goes through its values',
  );
}

/** Throws unless `fn` can be called. */
export function requireFunction(name: string, fn: unknown): void {
  if (typeof fn !== 'function') throw invalidArgument(name, 'a function', fn);
}
