import type { ExpressionStatement, ObjectExpression, Options, Program, Property } from 'acorn';
import { ArenaError } from '../errors.js';

/** A function's text as an expression that can be evaluated elsewhere. */
export interface FunctionSource {
  readonly source: string;
  /** Whether it is strict code, which its text does not tell. */
  readonly strict: boolean;
  /** What it parses to: a program of this one expression. */
  readonly program: Program;
}

/** Any function. */
export type AnyFunction = (...args: never[]) => unknown;

/** @returns the error for a function that cannot be sent */
export function notPortable(fn: AnyFunction, why: string, cause?: unknown): ArenaError {
  return new ArenaError(
    'ERR_ARENA_TASK_NOT_PORTABLE',
    `The function ${fn.name || '(anonymous)'} cannot be sent to another thread: ${why}. ` +
      'Put it into a module with all that it needs, and give that: { module, name }',
    { cause },
  );
}

/**
 * @throws {@link ArenaError} `ERR_ARENA_TASK_NOT_PORTABLE` for what is not made by its text alone: native
 *   and bound functions, classes, generators, accessors, methods that use `super`
 */
export function sourceOf(fn: AnyFunction): FunctionSource {
  const text = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}$/.test(text)) {
    throw notPortable(fn, 'it is native or bound and has no source');
  }
  const [property] = Object.keys(fn);
  if (property !== undefined) throw notPortable(fn, `its property '${property}' would stay behind`);
  const parsed = parseInItsMode(fn, text);
  const { type, generator } = expressionOf(parsed.program) as { type: string; generator?: boolean };
  if (type === 'ClassExpression') throw notPortable(fn, 'it is a class');
  if (generator) throw notPortable(fn, 'it is a generator, and iterators cannot be sent back');
  return parsed;
}

/** The expression that a program consists of. */
export function expressionOf(program: Program): ExpressionStatement['expression'] {
  return (program.body.at(-1) as ExpressionStatement).expression;
}

// Sloppy functions, and no others, can be asked for `caller`. Arrow functions, asynchronous ones and
// methods do not tell; nearly all code is strict today.
function isSloppy(fn: AnyFunction): boolean {
  try {
    Reflect.get(fn, 'caller');
    return true;
  } catch {
    return false;
  }
}

function parseInItsMode(fn: AnyFunction, text: string): FunctionSource {
  if (!isSloppy(fn)) {
    try {
      return parseFunction(text, true);
    } catch {
      // Octal literals, `with`, … are sloppy code.
    }
  }
  try {
    return parseFunction(text, false);
  } catch (cause) {
    throw notPortable(fn, `its text means nothing by itself (${(cause as Error).message})`, cause);
  }
}

function parseFunction(text: string, strict: boolean): FunctionSource {
  try {
    return { source: text, strict, program: parse(text, strict) };
  } catch (error) {
    const source = withoutMethodSyntax(text, strict);
    if (source === undefined) throw error;
    return { source, strict, program: parse(source, strict) };
  }
}

// `name(x) { … }` is text of a method: as a function it cannot use `super`, which would be another
// object's in the worker.
function withoutMethodSyntax(text: string, strict: boolean): string | undefined {
  const before = '{';
  let object: ObjectExpression;
  try {
    object = expressionOf(parse(`${before}${text}}`, strict)) as ObjectExpression;
  } catch {
    return undefined;
  }
  const { method, value } = object.properties[0] as Property;
  if (!method || value.type !== 'FunctionExpression') return undefined;
  const start = value.start - prologue(strict).length - before.length;
  return `${value.async ? 'async ' : ''}function${value.generator ? '*' : ''} ${text.slice(start)}`;
}

const prologue = (strict: boolean) => (strict ? "'use strict';(" : '(');

function parse(expression: string, strict: boolean): Program {
  const acorn: typeof import('acorn') = require('acorn');
  const options: Options = { ecmaVersion: 'latest', sourceType: 'script', ranges: true };
  return acorn.parse(`${prologue(strict)}${expression}\n)`, options);
}
