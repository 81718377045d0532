import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ArenaError } from '../errors.js';
import type { TaskMessage } from './protocol.js';

/**
 * Finds a module as {@link ModuleTask} says.
 *
 * @throws {@link ArenaError} `ERR_ARENA_TASK_NOT_LOADED` where there is no such file
 */
export function moduleTask(module: string | URL, name: string | undefined): TaskMessage {
  const file = fileOf(module);
  if (!existsSync(file)) throw notFound(module, `there is no file ${file}`);
  return { kind: 'module', url: pathToFileURL(file).href, name };
}

function fileOf(module: string | URL): string {
  if (module instanceof URL || module.startsWith('file:')) {
    try {
      return fileURLToPath(module);
    } catch (cause) {
      throw notFound(module, 'it is no file: URL', cause);
    }
  }
  const file = path.resolve(module);
  if (/^\.{0,2}[\\/]/.test(module) || path.isAbsolute(module) || existsSync(file)) return file;
  try {
    return createRequire(`${process.cwd()}${path.sep}`).resolve(module);
  } catch (cause) {
    throw notFound(
      module,
      `it is neither a file of ${process.cwd()} nor a package that can be required from there`,
      cause,
    );
  }
}

function notFound(module: string | URL, why: string, cause?: unknown): ArenaError {
  return new ArenaError(
    'ERR_ARENA_TASK_NOT_LOADED',
    `The module ${module} of the task cannot be found: ${why}. Give its URL, ` +
      "new URL('./task.js', import.meta.url), or its absolute path",
    { cause },
  );
}
