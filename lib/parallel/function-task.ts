import type { Scope, ScopeManager } from 'eslint-scope';
import { closedOverNames } from './closed-over.js';
import { type AnyFunction, expressionOf, notPortable, sourceOf } from './function-source.js';
import type { TaskMessage } from './protocol.js';

// Acorn and eslint-scope mean the same trees by different types.
type Tree = Parameters<typeof import('eslint-scope').analyze>[0];
type Node = Parameters<ScopeManager['acquire']>[0];

/**
 * Makes a function ready to be sent as source.
 *
 * @throws {@link ArenaError} `ERR_ARENA_TASK_NOT_PORTABLE` when it uses anything of what surrounds it
 */
export function functionTask(fn: AnyFunction): TaskMessage {
  const { source, strict, program } = sourceOf(fn);
  const eslintScope: typeof import('eslint-scope') = require('eslint-scope');
  const scopes = eslintScope.analyze(program as Tree, {
    ecmaVersion: 2022,
    sourceType: 'script',
  });
  const free = new Set(scopes.globalScope?.through.map(({ identifier }) => identifier.name));
  // The worker's own is given to the function.
  free.delete('require');
  const captured = free.size === 0 ? new Set() : closedOverNames(fn);
  const missing = [...free].filter((name) => captured.has(name) || !(name in globalThis));
  const outermost = scopes.acquire(expressionOf(program) as Node);
  if (outermost !== null && takesThis(outermost)) missing.push('this');
  if (missing.length > 0) {
    throw notPortable(fn, `it uses ${missing.join(', ')} of the code around it`);
  }
  return { kind: 'function', source, strict, globals: [...free] };
}

// Arrow functions use the `this` around them; other functions, and what initialises the fields of a
// class, have one of their own.
function takesThis(scope: Scope): boolean {
  const { block, childScopes } = scope;
  const ownThis =
    scope.type === 'class-field-initializer' ||
    scope.type === 'class-static-block' ||
    (scope.type === 'function' && block.type !== 'ArrowFunctionExpression');
  if (ownThis) return false;
  return (scope as { thisFound?: boolean }).thisFound === true || childScopes.some(takesThis);
}
