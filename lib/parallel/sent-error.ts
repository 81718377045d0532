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

/** @returns what was thrown, in a form that can be sent */
export function packError(thrown: unknown, depth = 0): SentError {
  if (depth < DEEPEST) {
    // Errors of other realms are no instances, and DOMExceptions are not native.
    if (types.isNativeError(thrown) || thrown instanceof Error)
      return packNativeError(thrown, depth);
    if (Array.isArray(thrown)) {
      return { kind: 'list', items: thrown.map((item) => packError(item, depth + 1)) };
    }
  }
  try {
    return { kind: 'value', value: structuredClone(thrown) };
  } catch {
    return { kind: 'value', value: inspect(thrown) };
  }
}

const OWN_MEMBERS = new Set(['name', 'message', 'stack']);

function packNativeError(error: Error, depth: number): SentError {
  const fields = Object.getOwnPropertyNames(error)
    .filter((name) => !OWN_MEMBERS.has(name))
    .map((name) => [name, packError(Reflect.get(error, name), depth + 1)] as const);
  const { name, message, stack } = error;
  return { kind: 'error', name: `${name}`, message: `${message}`, stack, fields };
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
