import { inspect, types } from 'node:util';
import { ArenaError } from '../errors.js';

/** Something thrown, as it travels between threads: errors lose their class and fields otherwise. */
export type SentError =
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      /** Its other own properties, `cause` and `errors` included. */
      readonly fields: readonly (readonly [string, SentError])[];
    }
  | { readonly kind: 'list'; readonly items: readonly SentError[] }
  | { readonly kind: 'value'; readonly value: unknown };

// A cause of a cause …; what lies deeper is told as text.
const DEEPEST = 8;

// Users' code runs at each look at what they have thrown (getters, traps of a proxy), and may throw in turn.
function orElse<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

const UNREADABLE = '(cannot be read)';

/** @returns what was thrown, in a form that can be sent; never throws */
export function packError(thrown: unknown, depth = 0): SentError {
  if (depth < DEEPEST) {
    // Errors of other realms are no instances, and DOMExceptions are not native.
    if (types.isNativeError(thrown) || orElse(false, () => thrown instanceof Error))
      return packNativeError(thrown as Error, depth);
    const items = orElse(undefined, () =>
      Array.isArray(thrown) ? thrown.map((item) => packError(item, depth + 1)) : undefined,
    );
    if (items !== undefined) return { kind: 'list', items };
  }
  try {
    return { kind: 'value', value: structuredClone(thrown) };
  } catch {
    return { kind: 'value', value: orElse(UNREADABLE, () => inspect(thrown)) };
  }
}

const OWN_MEMBERS = new Set(['name', 'message', 'stack']);

function packNativeError(error: Error, depth: number): SentError {
  const text = (member: 'message' | 'stack') => orElse(UNREADABLE, () => `${error[member]}`);
  const names = orElse([], () => Object.getOwnPropertyNames(error));
  return {
    kind: 'error',
    name: orElse('Error', () => `${error.name}`),
    message: text('message'),
    stack: orElse(false, () => error.stack === undefined) ? undefined : text('stack'),
    fields: names
      .filter((name) => !OWN_MEMBERS.has(name))
      .map((name) => {
        const value = orElse<unknown>(UNREADABLE, () => Reflect.get(error, name));
        return [name, packError(value, depth + 1)] as const;
      }),
  };
}

/**
 * @returns what was thrown; an error is of the built-in class of its name, an {@link ArenaError}, or an
 *   `Error` with its name
 */
export function unpackError(sent: SentError): unknown {
  if (sent.kind === 'value') return sent.value;
  if (sent.kind === 'list') return sent.items.map(unpackError);
  const { name, message, stack, fields } = sent;
  const error = new Error(message);
  const { prototype } = (CLASSES.get(name) ?? Error) as { prototype: object };
  Object.setPrototypeOf(error, prototype);
  if (error.name !== name) define(error, 'name', name);
  define(error, 'stack', stack);
  for (const [field, value] of fields) define(error, field, unpackError(value));
  return error;
}

const CLASSES: ReadonlyMap<string, unknown> = new Map(
  [
    ...[EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError],
    ...[AggregateError, ArenaError],
  ].map((errorClass) => [errorClass.name, errorClass]),
);

function define(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, configurable: true });
}
