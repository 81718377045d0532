import { ArenaError, describe } from '../errors.js';
import type { AnyFunction } from './function-source.js';
import { functionTask } from './function-task.js';
import { moduleTask } from './module-task.js';
import type { TaskMessage } from './protocol.js';
import type { ModuleTask } from './types.js';

/**
 * @returns what workers have to know of a task
 * @throws {@link ArenaError} `ERR_ARENA_INVALID_ARG`, `ERR_ARENA_TASK_NOT_LOADED`,
 *   `ERR_ARENA_TASK_NOT_PORTABLE`
 */
export function taskMessage(task: unknown): TaskMessage {
  if (typeof task === 'function') return functionTask(task as AnyFunction);
  if (isModule(task)) return moduleTask(task, undefined);
  if (typeof task === 'object' && task !== null && isModule((task as ModuleTask).module)) {
    const { module, name } = task as ModuleTask;
    if (name === undefined || typeof name === 'string') return moduleTask(module, name);
    throw new ArenaError(
      'ERR_ARENA_INVALID_ARG',
      `Expected the name of an export for task.name but received ${describe(name)}`,
    );
  }
  throw new ArenaError(
    'ERR_ARENA_INVALID_ARG',
    'Expected a function, the path or URL of a module, or { module, name } for task but ' +
      `received ${describe(task)}`,
  );
}

function isModule(value: unknown): value is string | URL {
  return typeof value === 'string' || value instanceof URL;
}
